"""What is sent to a terminal: only cells that changed, and they end up as they should."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st

from kmodtop.view.ansi import cells_of, changes, coded, codes
from kmodtop.view.lines import Span
from kmodtop.view.theme import STYLES, Theme

WIDE, HIGH = 24, 3
SPANS = st.lists(
    st.tuples(st.text("ab █▓世é", max_size=9), st.sampled_from(["", *STYLES, "now cursor"])),
    max_size=4,
)
ROWS = st.lists(SPANS, min_size=HIGH, max_size=HIGH)


def rows(lines, colours=True):
    made = [tuple(Span(text, style) for text, style in spans) for spans in lines]
    return [cells_of(line, WIDE, Theme(colours=colours)) for line in made]


def sent(*texts):
    screen = pyte.Screen(WIDE, HIGH)
    stream = pyte.Stream(screen)
    stream.feed("x" * (WIDE * HIGH))
    for text in texts:
        stream.feed(text)
    return screen


@settings(max_examples=300)
@given(ROWS, ROWS, st.booleans())
def test_the_terminal_shows_the_new_rows(before, after, colours):
    old, new = rows(before, colours), rows(after, colours)
    wanted = sent(changes([], new))
    screen = sent(changes([], old), changes(old, new))
    assert screen.display == wanted.display
    for y in range(HIGH):
        assert [screen.buffer[y][x] for x in range(WIDE)] == [
            wanted.buffer[y][x] for x in range(WIDE)
        ]
    assert not changes(new, new)


@given(ROWS, ROWS)
def test_rows_of_which_nothing_is_known_are_sent_whole(before, after):
    old, new = rows(before), rows(after)
    screen = sent(changes([], old), changes([old[0], None, old[2]], new))
    assert screen.display == sent(changes([], new)).display


def test_a_figure_that_changed_costs_a_few_bytes():
    old = [cells_of((Span("kvm           7   +1", "now"),), 80, Theme())]
    new = [cells_of((Span("kvm           8   +2", "now"),), 80, Theme())]
    assert len(changes(old, new)) < 30


def test_a_line_that_becomes_empty_is_erased():
    old = [cells_of((Span("x" * 70),), 80, Theme())]
    assert changes(old, [cells_of((), 80, Theme())]) == "\x1b[1H\x1b[K"


def test_the_last_column_of_several_rows():
    old = [cells_of((Span("a" * WIDE),), WIDE, Theme())] * HIGH
    new = [cells_of((Span("a" * (WIDE - 1) + "b"),), WIDE, Theme())] * HIGH
    assert sent(changes([], old), changes(old, new)).display == ["a" * (WIDE - 1) + "b"] * HIGH


def test_a_column_goes_down_without_being_addressed_anew():
    old = [cells_of((Span("aaaa"),), WIDE, Theme())] * HIGH
    new = [cells_of((Span("abaa"),), WIDE, Theme())] * HIGH
    text = changes(old, new)
    assert sent(changes([], old), text).display == ["abaa".ljust(WIDE)] * HIGH
    assert text.count("H") == 1


def test_a_combining_character_takes_no_cell():
    row = cells_of((Span("e\u0301x"),), 4, Theme())
    assert [text for text, _ in row] == ["e\u0301", "x", " ", " "]


def test_nothing_needs_colours():
    assert "3" not in coded((Span("x", "now"),), Theme(colours=False))
    assert coded((Span("x", "now"),), Theme(colours=False)) == "\x1b[1mx\x1b[0m"


def test_a_style_that_two_names_share_is_set_once_and_in_one_order():
    assert Theme().words("title cursor weight") == ["bold", "reverse"]
    assert codes("cursor now", Theme()) == codes("now cursor", Theme()) == "1;7;31"
