"""Panels: what stands where, what moves, and what is said of what is not known."""

import re
from dataclasses import replace

import pytest
from support.composed import (
    LIVE,
    Seen,
    answered,
    observed,
    picture,
    played,
    scene,
    static,
    storm,
)
from support.samples import dup, gap, sample, stats

from kmodtop.view.ansi import _SGR
from kmodtop.view.grid import grid_of
from kmodtop.view.moves import follow_cursor, move_cursor, next_sort, next_window, sort_by
from kmodtop.view.panels.axis import axis
from kmodtop.view.panels.layout import places
from kmodtop.view.panels.plot import nice_ceiling
from kmodtop.view.rows import SORTS, keep_order, rows_shown
from kmodtop.view.theme import ASCII, CONSOLE, STYLES, THEMES, UNICODE, glyphs_for
from kmodtop.view.view import WINDOWS, Deck
from kmodtop_core.recording.reading import Storm
from kmodtop_core.sample import Host
from kmodtop_core.stats.values import FailReason
from kmodtop_core.tracking.rows import Row
from kmodtop_core.tracking.tracker import Tracker

LAB32 = "series/boot-udev-32cpu-noidem.jsonl"
SR950 = "published/sr950-448cpu-release-master.txt"


def in_storm():
    return answered(LAB32, 34.0)


def test_the_most_important_is_on_the_smallest_screen():
    shown = picture(played(LAB32, 17), in_storm(), 40, 12)
    assert "STORM NOW" in shown and "MiB/s" in shown and "▌ who" in shown
    assert len(re.findall(r"^[▲•]", shown, re.MULTILINE)) == 4


def test_a_growing_row_is_marked_by_a_sign_and_its_growth():
    seen = observed(
        [sample(0, stats(dup("kvm", 3))), sample(1, stats(dup("evdev", 1), dup("kvm", 5)))]
    )
    shown = picture(seen, LIVE, 80, 24)
    assert re.search(r"^▲ kvm .* 5 +\+2 becoming", shown, re.MULTILINE)
    assert re.search(r"^▲ evdev .* 1 +\+1 becoming", shown, re.MULTILINE)


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
    assert head.startswith(" kmodtop  big  6.12.9 · 255 CPUs") and head.endswith("● live")
    assert "no answer for 5 s" in picture(seen, LIVE.knowing(overdue=5.0), 100, 24)
    later = observed([sample(0, stats()), sample(41, stats())])
    held = LIVE.choosing(frozen=seen.frame).knowing(
        deck=Deck(0, 41, 0, paused=True, speed=1, twin=True)
    )
    assert re.search(
        r"‖ frozen at 0\.0 s, 40 s behind", picture(later, held, 100, 24).splitlines()[0]
    )


def test_missing_numbers_are_question_marks():
    text = b"".join(sample(0, stats(dup("kvm", 3))).text.splitlines(keepends=True)[2:])
    shown = picture(observed([sample(0, text)]), LIVE, 80, 24)
    assert "? loads" in shown and "? failed" in shown
    assert re.search(r"\? 0 B", shown.splitlines()[7])


def rows():
    return (
        Row("b", 3, FailReason.LOAD, recent=2, rate=2.0, last_grew=5.0, first_seen=4.0),
        Row("a", 9, FailReason.BECOMING),
        Row("c", 3, FailReason.BECOMING, fallen=True),
        Row("d", 3, FailReason(3), recent=1, rate=1.0, last_grew=6.0, first_seen=1.0),
    )


@pytest.mark.parametrize(
    ("sort", "order"),
    [("module", "abdc"), ("times", "abdc"), ("now", "bdac"), ("wasted", "abdc"),
     ("first", "dabc"), ("grew", "dbac"), ("refused", "adbc"), ("pattern", "badc")],
)  # fmt: skip
def test_rows_are_sorted_stably_with_the_fallen_last(sort, order):
    frame = replace(observed([sample(0, stats())]).frame, rows=rows())
    assert "".join(r.module for r in rows_shown(frame, LIVE.choosing(sort=sort))) == order


def test_rows_are_sorted_anew_at_most_every_two_seconds_and_never_under_a_cursor():
    first = replace(observed([sample(0, stats())]).frame, rows=rows())
    view = keep_order(first, LIVE.choosing(sort="times"))
    turned = tuple(replace(r, count=10 - r.count) for r in rows())
    soon, later = (replace(first, now=now, rows=turned) for now in (1.0, 3.0))
    assert "".join(r.module for r in rows_shown(soon, keep_order(soon, view))) == "abdc"
    assert "".join(r.module for r in rows_shown(later, keep_order(later, view))) == "bdac"
    held = view.choosing(cursor="a")
    assert "".join(r.module for r in rows_shown(later, keep_order(later, held))) == "abdc"
    sought = replace(first, now=-5.0, rows=turned)  # back in time
    assert keep_order(sought, view).choice.order == ("b", "d", "a", "c")


def test_what_has_come_since_stands_where_it_belongs():
    frame = replace(observed([sample(0, stats())]).frame, rows=rows())
    view = keep_order(frame, LIVE.choosing(sort="times", cursor="a"))
    more = replace(frame, rows=(*rows(), Row("e", 5, FailReason.LOAD)))
    assert "".join(r.module for r in rows_shown(more, view)) == "aebdc"


def test_the_cursor_follows_its_module():
    frame = replace(observed([sample(0, stats())]).frame, rows=rows())
    view = move_cursor(frame, LIVE.choosing(sort="times"), 1, 2)
    assert view.choice.cursor == "b"
    view = follow_cursor(frame, sort_by(view, "now"), 2)
    assert view.choice.cursor == "b"
    view = move_cursor(frame, view, 100, 2)
    assert (view.choice.cursor, view.choice.top) == ("c", 2)


def test_choices_go_round():
    view = LIVE
    for _ in SORTS:
        view = next_sort(view)
    assert view.choice.sort == LIVE.choice.sort
    assert sort_by(sort_by(LIVE, "now"), "now").choice.reverse
    names = []
    for _ in WINDOWS:
        view = next_window(view)
        names.append(WINDOWS[view.choice.window].name)
    assert sorted(names) == sorted(w.name for w in WINDOWS)


def test_a_filter_shows_what_it_hides():
    seen = storm()
    shown = picture(seen, LIVE.choosing(filter="SHA1"), 80, 24)
    assert len(re.findall(r"^[▲•+] \w*sha1", shown, re.MULTILINE)) == 2
    boxed = picture(seen, LIVE.choosing(filter="SHA1"), 120, 40)
    assert f"Modules 2 of {len(seen.frame.rows)}" in boxed
    assert "no module's name contains" in picture(seen, LIVE.choosing(filter="zzz"), 80, 24)


def test_a_gap_in_the_chart_is_blank_and_named():
    first, text = stats(dup("kvm", 3)), stats(dup("kvm", 30))
    items = [
        sample(0, first),
        *(sample(at, text) for at in range(1, 20)),
        *(gap(at) for at in range(20, 40)),
        *(sample(at, text) for at in range(40, 60)),
    ]
    lines = picture(observed(items), LIVE, 80, 24).splitlines()
    floor = next(y for y, line in enumerate(lines) if line.startswith("        0 "))
    assert re.search(r"█{10,} +gap +█{10,}", lines[floor - 1])
    assert re.search(r"▔ +╵20 s +╵30 s +▔", lines[floor])


def test_axis_ends_are_round_numbers():
    assert nice_ceiling(63.8 * 2**20) == 80 * 2**20
    assert nice_ceiling(0) == 1024
    assert nice_ceiling(1023 * 2**20) == 2**30 or nice_ceiling(1023 * 2**20) == 1024 * 2**20
    assert nice_ceiling(29, "si", least=1) == 30


def test_places_agree_with_the_screen():
    made = scene(played(LAB32, 17), in_storm())
    for size in ((80, 24), (120, 40), (40, 12), (64, 18), (200, 60)):
        lines = picture(played(LAB32, 17), in_storm(), *size).splitlines()
        (table,) = (p for p in places(made, *size) if p.panel in ("table", "table_box"))
        assert "MODULE" in lines[table.y + (table.panel == "table_box")]


@pytest.mark.parametrize("wide", (1, 5, 17, 40, 55, 56, 64, 80, 99, 119, 120, 160, 200))
def test_panels_never_overlap_and_fill_the_screen(wide):
    for high in (1, 2, 3, 5, 8, 12, 17, 24, 36, 40, 61):
        for made in (
            scene(played(LAB32, 17), in_storm()),
            scene(*static(SR950)),
            scene(observed([sample(0, stats())]), LIVE.knowing(note="a message")),
        ):
            taken = set()
            for place in places(made, wide, high):
                assert place.x >= 0 and place.x + place.wide <= wide
                assert place.y >= 0 and place.y + place.high <= high
                cells = {
                    (x, y)
                    for x in range(place.x, place.x + place.wide)
                    for y in range(place.y, place.y + place.high)
                }
                assert place.panel == "message" or not taken & cells, (place, wide, high)
                taken |= cells


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


def test_a_terminal_with_ascii_only_gets_names_in_ascii_too():
    view = LIVE.looking(glyphs=ASCII)
    source = replace(view.situation.source, label="/字/é.txt")
    shown = picture(storm(), view.knowing(source=source), 80, 24)
    assert shown.isascii() and "\\u5b57/\\xe9.txt" in shown


def test_the_strip_is_red_for_the_storm_that_is_under_way_and_yellow_for_others():
    path = "series/idle-and-bursts.jsonl"
    storms = tuple(
        Storm(n, began, ended, 99, 1e6, None, None)
        for n, (began, ended) in enumerate(((56.9, 59.1), (84.7, 96.9)), 1)
    )
    at = Deck(2.9, 127.0, 93.6, paused=True, speed=1, storms=storms)
    made = scene(played(path), answered(path, 93.6).knowing(deck=at))
    grid = grid_of(made.frame, made.reach, made.view, 70)
    cells = [
        span.style for span in axis(made, grid, 80, made.reach.at(grid.edges())) for _ in span.text
    ][10:]
    styles = {cells[grid.column(moment - grid.zero)] for moment in (57.5, 58.5)}
    assert styles == {"late"}
    assert cells[grid.column(88.0 - grid.zero)] == "now"
    assert cells[grid.column(75.0 - grid.zero)] == "quiet"
