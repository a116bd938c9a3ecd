"""What the screens say, as text: composed without a terminal, compared with tests/screens/*.txt.

KMODTOP_WRITE_SCREENS=1 writes the files anew; look at the difference before committing it.
"""

import os
import re
from dataclasses import replace

import pytest
from support.composed import (
    LIVE,
    NOTHING,
    Seen,
    answered,
    chosen,
    deck,
    observed,
    on,
    one,
    picture,
    played,
    row,
    storm,
)
from support.samples import ROOT, SAMPLES, dup, gap, sample, stats

from kmodtop.view.ansi import _SGR
from kmodtop.view.lines import text_of
from kmodtop.view.moves import follow_cursor, move_cursor, next_sort, next_window, sort_by
from kmodtop.view.panels.layout import places
from kmodtop.view.panels.overview import overview
from kmodtop.view.panels.trend import nice_ceiling
from kmodtop.view.theme import ASCII, CONSOLE, STYLES, THEMES, UNICODE, glyphs_for
from kmodtop.view.view import SORTS, WINDOWS, Deck, rows_shown
from kmodtop_core.sample import Host
from kmodtop_core.stats.values import FailReason
from kmodtop_core.tracking.rows import Row
from kmodtop_core.tracking.tracker import Tracker

SCREENS = ROOT / "tests/screens"


def hosts(wide, high, **choices):
    found = [
        row("ssh://db-1", one("states/normal-set.txt")),
        row("ssh://db-2.example.org", storm()),
        row("ssh://web", observed([sample(0, stats(dup("kvm", 3))), gap(1), gap(45)])),
        row("ssh://new", NOTHING),
    ]
    view = chosen(LIVE.choosing(page="hosts").knowing(hosts=4), **choices)
    return "\n".join(text_of(line).rstrip() for line in overview(found, view, wide, high)) + "\n"


CASES = {
    "answer-80x24": lambda: picture(
        played("who/a_udev", 13), answered("who/a_udev", 31.828), 80, 24
    ),
    "answer-120x40": lambda: picture(played("who/a_udev"), answered("who/a_udev"), 120, 40),
    "answer-80x24-ascii": lambda: picture(
        played("who/b_loop"), answered("who/b_loop").looking(glyphs=ASCII), 80, 24
    ),
    "findings-80x24": lambda: picture(
        played("who/a_udev"), answered("who/a_udev").choosing(page="findings"), 80, 24
    ),
    "findings-120x40-console": lambda: picture(
        played("who/mix"),
        answered("who/mix").choosing(page="findings").looking(glyphs=CONSOLE),
        120, 40,
    ),
    "findings-40x12-ascii": lambda: picture(
        played("who/q_quiet"),
        answered("who/q_quiet").choosing(page="findings").looking(glyphs=ASCII),
        40, 12,
    ),
    "replay-100x30": lambda: picture(storm(), LIVE.knowing(deck=deck()), 100, 30),
    "replay-40x12": lambda: picture(storm(), LIVE.knowing(deck=deck(paused=True)), 40, 12),
    "replay-80x24-ascii": lambda: picture(
        storm(), LIVE.knowing(deck=deck()).looking(glyphs=ASCII), 80, 24
    ),
    "boots-80x24": lambda: picture(storm(), on("boots", deck=deck(), scroll=1), 80, 24),
    "overview-120x12": lambda: hosts(120, 12),
    "overview-80x12-ascii": lambda: hosts(80, 12, glyphs=ASCII),
    "overview-40x12": lambda: hosts(40, 12, host_sort="wasted"),
    "storm-80x24-console": lambda: picture(storm(), LIVE.looking(glyphs=CONSOLE), 80, 24),
    "help-80x60-ascii": lambda: picture(
        storm(), LIVE.choosing(page="help").looking(glyphs=ASCII), 80, 60
    ),
    "storm-80x24": lambda: picture(storm(), LIVE, 80, 24),
    "storm-120x40": lambda: picture(storm(), LIVE, 120, 40),
    "storm-40x12": lambda: picture(storm(), LIVE, 40, 12),
    "storm-80x24-ascii": lambda: picture(storm(), LIVE.looking(glyphs=ASCII), 80, 24),
    "rate-80x24": lambda: picture(storm(), LIVE.choosing(per_second=True), 80, 24),
    "module-80x24": lambda: picture(storm(), on("module", cursor="sha512_ssse3"), 80, 24),
    "raw-80x24": lambda: picture(one("hostile/odd-names.txt"), on("raw", scroll=9), 80, 24),
    "help-80x40": lambda: picture(storm(), LIVE.choosing(page="help"), 80, 50),
    "cut-80x24": lambda: picture(one("limits/trunc2-many.txt"), LIVE.choosing(top=94), 80, 24),
    "hostile-80x24": lambda: picture(one("hostile/odd-names.txt"), LIVE, 80, 24),
    "healthy-80x24": lambda: picture(one("states/normal-set.txt"), LIVE, 80, 24),
    "others-80x24": lambda: picture(one("states/becoming-nondup.txt"), LIVE, 80, 24),
    "waiting-80x24": lambda: picture(observed([gap(0)]), LIVE, 80, 24),
    "lost-80x24": lambda: picture(
        observed([sample(0, stats(dup("kvm", 3))), gap(1), gap(45, "permission")]), LIVE, 80, 24
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_screen_says_what_it_said(name):
    path = SCREENS / f"{name}.txt"
    shown = CASES[name]()
    if os.environ.get("KMODTOP_WRITE_SCREENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown)
    assert shown == path.read_text()


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.txt")), ids=lambda p: p.stem)
@pytest.mark.parametrize("size", [(80, 24), (40, 12), (300, 100), (20, 5), (64, 18), (10, 3)])
def test_every_sample_fits_every_size(path, size):
    seen = one(path)
    frame = seen.frame
    for page in ("main", "raw", "help", "module"):
        for glyphs in (UNICODE, ASCII, CONSOLE):
            module = frame.rows[0].module if frame.rows else None
            shown = picture(
                seen, LIVE.choosing(page=page, cursor=module).looking(glyphs=glyphs), *size
            )
            assert all(line.isprintable() for line in shown.splitlines())
            if glyphs is ASCII and path.parent.name != "hostile":
                assert shown.isascii(), [c for c in shown if not c.isascii()]


def test_the_most_important_is_on_the_smallest_screen():
    shown = picture(storm(), LIVE, 40, 12)
    assert "WASTED" in shown and "KiB/s" in shown
    assert len(re.findall(r"^[▲•]", shown, re.MULTILINE)) >= 5


def test_a_growing_row_is_marked_by_a_sign_and_its_growth():
    seen = observed(
        [sample(0, stats(dup("kvm", 3))), sample(1, stats(dup("evdev", 1), dup("kvm", 5)))]
    )
    shown = picture(seen, LIVE, 80, 24)
    assert re.search(r"^▲ kvm +5 +\+2 +2\.0/s +\+2 Becoming", shown, re.MULTILINE)
    assert re.search(r"^▲\+evdev +1 +\+1 ", shown, re.MULTILINE)


def test_nothing_moves_when_nothing_changes():
    tracker = Tracker()
    text = stats(dup("kvm", 3))
    frames = [tracker.observe(sample(at, text)) for at in range(100)]
    view = LIVE.choosing(window=0)
    assert len({picture(Seen(frame, tracker.history), view, 80, 24) for frame in frames[-30:]}) == 1


def test_where_the_data_comes_from_and_how_fresh_it_is():
    host = Host("big", "6.12.9", 255, "b-1")
    seen = observed([sample(0, stats(dup("kvm", 3)), host)])
    head = picture(seen, LIVE, 100, 24).splitlines()[0]
    assert "/sys/kernel/debug/modules/stats" in head and "big · 6.12.9 · 255 CPUs" in head
    assert head.endswith("● live 1 s")
    assert "no answer for 5 s" in picture(seen, LIVE.knowing(overdue=5.0), 100, 24)
    later = observed([sample(0, stats()), sample(41, stats())])
    held = LIVE.choosing(frozen=seen.frame).knowing(
        deck=Deck(0, 41, 0, paused=True, speed=1, twin=True)
    )
    assert re.search(
        r"■ frozen at \S+, 40 s behind$", picture(later, held, 100, 24).splitlines()[0]
    )


def test_missing_numbers_are_question_marks():
    text = b"".join(sample(0, stats(dup("kvm", 3))).text.splitlines(keepends=True)[2:])
    shown = picture(observed([sample(0, text)]), LIVE, 80, 24)
    assert "? loads" in shown and "? failed" in shown


def rows():
    return (
        Row("b", 3, FailReason.LOAD, recent=2, rate=2.0, last_grew=5.0, first_seen=4.0),
        Row("a", 9, FailReason.BECOMING),
        Row("c", 3, FailReason.BECOMING, fallen=True),
        Row("d", 3, FailReason(3), recent=1, rate=1.0, last_grew=6.0, first_seen=1.0),
    )


@pytest.mark.parametrize(
    ("sort", "order"),
    [("module", "abdc"), ("times", "abdc"), ("now", "bdac"), ("rate", "bdac"),
     ("first", "bdac"), ("grew", "dbac"), ("reason", "adbc"), ("start", "badc")],
)  # fmt: skip
def test_rows_are_sorted_stably_with_the_fallen_last(sort, order):
    frame = replace(observed([sample(0, stats())]).frame, rows=rows())
    assert "".join(r.module for r in rows_shown(frame, LIVE.choosing(sort=sort))) == order


def test_the_cursor_follows_its_module():
    frame = replace(observed([sample(0, stats())]).frame, rows=rows())
    view = move_cursor(frame, LIVE.choosing(sort="times"), 1, 2)
    assert view.choice.cursor == "b"
    view = follow_cursor(frame, sort_by(view, "grew"), 2)
    assert view.choice.cursor == "b"
    view = move_cursor(frame, view, 100, 2)
    assert (view.choice.cursor, view.choice.top) == ("c", 2)


def test_choices_go_round():
    view = LIVE
    for _ in SORTS:
        view = next_sort(view)
    assert view.choice.sort == LIVE.choice.sort
    assert sort_by(sort_by(LIVE, "now"), "now").choice.reverse
    frame = observed([sample(0, stats())]).frame
    names = []
    for _ in WINDOWS:
        view = next_window(frame, view)
        names.append(WINDOWS[view.choice.window].name)
    assert sorted(names) == sorted(w.name for w in WINDOWS)


def test_a_filter_shows_what_it_hides():
    seen = storm()
    shown = picture(seen, LIVE.choosing(filter="SHA1"), 80, 24)
    assert f"(2 of {len(seen.frame.rows)}" in shown
    assert "no module's name contains" in picture(seen, LIVE.choosing(filter="zzz"), 80, 24)


def test_a_gap_in_the_trend_is_a_gap():
    text = stats(dup("kvm", 3))
    items = [*(sample(at, text) for at in range(20)), *(gap(at) for at in range(20, 40)),
             *(sample(at, text) for at in range(40, 60))]  # fmt: skip
    bottom = picture(observed(items), LIVE, 80, 24).splitlines()[6]
    assert re.search(r"[▓█]{10,} {15,}[▓█]{10,}", bottom)


def test_axis_ends_are_round_numbers():
    assert nice_ceiling(63.8 * 2**20) == 80 * 2**20
    assert nice_ceiling(0) == 1024
    assert nice_ceiling(1023 * 2**20) == 2**30 or nice_ceiling(1023 * 2**20) == 1024 * 2**20
    assert nice_ceiling(29, "si", least=1) == 30


def test_places_agree_with_the_screen():
    seen = storm()
    for size in ((80, 24), (120, 40), (40, 12), (64, 18)):
        lines = picture(seen, LIVE, *size).splitlines()
        there = places(seen.frame, LIVE, *size)
        assert "MODULE (" in lines[there.table_at]


@pytest.mark.parametrize(
    ("environ", "glyphs"),
    [
        ({"LANG": "en_GB.UTF-8", "TERM": "xterm-256color"}, UNICODE),
        ({"LC_ALL": "C.utf8", "LANG": "C"}, UNICODE),
        ({"LANG": "en_GB.UTF-8", "TERM": "linux"}, CONSOLE),
        ({"LANG": "en_GB.UTF-8", "TERM": "vt100"}, ASCII),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "POSIX", "TERM": "xterm"}, ASCII),
        ({"TERM": "xterm"}, ASCII),
    ],
)
def test_signs_are_chosen_by_locale_and_terminal(environ, glyphs):
    assert glyphs_for(environ) is glyphs


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_has_a_code_for_every_style(theme):
    assert set(THEMES[theme]) <= set(STYLES)
    words = {word for style in THEMES[theme].values() for word in style.split()}
    assert words <= set(_SGR)
