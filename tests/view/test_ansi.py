"""What is sent to a terminal: only cells that changed, and they end up as they should."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st

from kmodtop.view.ansi import cells_of, changes, coded, sgr
from kmodtop.view.lines import Span
from kmodtop.view.theme import STYLES, Theme

WIDE = 24
SPANS = st.lists(
    st.tuples(st.text("ab █▓世é", max_size=9), st.sampled_from(["", *STYLES, "hot cursor"])),
    max_size=4,
)


def line(spans):
    return tuple(Span(text, style) for text, style in spans)


@settings(max_examples=300)
@given(SPANS, SPANS, st.booleans())
def test_the_terminal_shows_the_new_line(before, after, colours):
    old, new = cells_of(line(before), WIDE), cells_of(line(after), WIDE)
    wanted, screen = pyte.Screen(WIDE, 2), pyte.Screen(WIDE, 2)
    blank = cells_of((), WIDE)
    blocks = [("\x00", "bold")] * WIDE
    for terminal, steps in ((wanted, [(blocks, new)]), (screen, [(blocks, old), (old, new)])):
        stream = pyte.Stream(terminal)
        for a, b in steps:
            stream.feed(changes(a, b, 1, Theme(colours=colours)))
    assert screen.display == wanted.display
    assert [screen.buffer[1][x] for x in range(WIDE)] == [wanted.buffer[1][x] for x in range(WIDE)]
    assert not changes(new, new, 1, Theme()) and not changes(blank, blank, 0, Theme())


def test_a_figure_that_changed_costs_a_few_bytes():
    old = cells_of((Span("kvm           7   +1", "hot"),), 80)
    new = cells_of((Span("kvm           8   +2", "hot"),), 80)
    assert len(changes(old, new, 5, Theme())) < 40


def test_nothing_needs_colours():
    assert "3" not in coded((Span("x", "loss"),), Theme(colours=False))
    assert coded((Span("x", "loss"),), Theme(colours=False)) == "\x1b[1mx\x1b[0m"


def test_a_style_that_two_names_share_is_set_once():
    assert Theme().words("title cursor bold") == ["bold", "reverse"]
    assert sgr("title cursor bold", Theme()) == "\x1b[1;7m"
