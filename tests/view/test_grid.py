"""The grid of time: it fills from the left, merges when it is full, and never scrolls."""

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from support.composed import LIVE, deck, observed, picture, scene
from support.samples import dup, gap, sample, stats

from kmodtop.view.grid import grid_of, ticks
from kmodtop.view.lines import text_of
from kmodtop.view.panels import chart
from kmodtop.view.panels.lanes import Lanes, lane_cells
from kmodtop.view.panels.plot import Column, nice_ceiling, plot
from kmodtop.view.theme import ASCII, Theme
from kmodtop.view.view import Situation, Source, View
from kmodtop_core.sample import Host, Instant, Sample


def grown(moments, first=0):
    """A table that grows by one at each of the moments."""
    return observed(sample(at, stats(dup("kvm", first + n))) for n, at in enumerate(moments, 1))


def grid(seen, columns=60, view=LIVE):
    return grid_of(seen.frame, seen.past, view, columns)


@settings(max_examples=60)
@given(
    st.floats(0, 1e7), st.lists(st.floats(0.01, 5e4), min_size=1, max_size=12),
    st.integers(1, 300),
)  # fmt: skip
def test_it_holds_all_of_the_time_in_columns_of_one_width(begin, steps, columns):
    moments = [begin]
    for step in steps:
        moments.append(moments[-1] + step)
    seen = grown(moments)
    found = grid(seen, columns)
    edges = found.edges()
    assert len(edges) == found.used + 1 <= columns + 1
    assert edges[0] <= 1e-6 and abs(edges[-1] - seen.frame.now) < 1e-6
    widths = [b - a for a, b in pairwise(edges[:-1])]
    assert all(abs(wide - found.step) < 1e-6 * max(1, found.step) for wide in widths)
    rest = (found.zero + found.origin) / found.step
    assert abs(rest - round(rest)) < 1e-3  # columns begin at round moments of the boot


def test_columns_that_have_been_full_are_never_moved_until_they_merge():
    steps = []
    for last in (*range(2, 90), *range(90, 400, 9)):
        found = grid(grown(range(last)), 60)
        if not steps or steps[-1][0] != found.step:
            steps.append((found.step, last))
        assert found.origin == 0.0
        assert last < 40 or found.used >= 60 * 0.38
    assert [step for step, _ in steps] == [0.2, 0.5, 1, 2, 5, 10]


def test_a_fixed_window_turns_by_a_quarter_of_it():
    view = LIVE.choosing(window=0)
    origins = [grid(grown(range(last)), 60, view).origin for last in range(50, 200)]
    assert sorted(set(origins)) == [15.0 * turn for turn in range(len(set(origins)))]
    assert all(last - 60 <= origin <= last - 40 or origin == 0
               for last, origin in zip(range(49, 199), origins, strict=True))  # fmt: skip


def test_labels_are_round_moments_of_the_boot_and_have_room():
    found = grid(grown([24.3, 30.0, 41.2]), 70)
    labels = ticks(found)
    assert set(labels.values()) >= {"25 s", "30 s"}
    for column, label in labels.items():
        moment = found.zero + found.origin + column * found.step
        assert abs(moment - float(label.split()[0])) <= found.step / 2 + 1e-6
    columns = sorted(labels)
    assert all(b - a >= 9 for a, b in pairwise(columns))


def test_from_an_hour_on_the_axis_tells_the_time_of_day():
    items = [
        Sample(Instant(at, 1_700_000_000.0 + at), stats_text(n)) for n, at in enumerate((0, 7200))
    ]
    labels = ticks(grid(observed(items), 70))
    assert labels and all(re.fullmatch(r"\d\d:\d\d", label) for label in labels.values())


def stats_text(times):
    return sample(0, stats(dup("kvm", times + 1))).text


def test_what_was_before_a_gap_and_after_it_is_known_and_the_gap_is_not():
    items = [*(sample(at, stats(dup("kvm", at + 1))) for at in range(5)), gap(5), gap(20),
             *(sample(at, stats(dup("kvm", at + 1))) for at in range(21, 30))]  # fmt: skip
    seen = observed(items)
    found = grid(seen, 60)
    values = seen.past.at(found.edges())
    unknown = [x for x, value in enumerate(values[1:]) if value is None]
    assert unknown and unknown == list(range(unknown[0], unknown[-1] + 1))


def test_a_new_boot_begins_a_new_chart():
    one, other = Host("big", boot_id="b-1"), Host("big", boot_id="b-2")
    items = [sample(900 + at, stats(dup("kvm", at + 1)), one) for at in range(50)]
    items += [sample(5 + at, stats(dup("kvm", 1)), other) for at in range(3)]
    found = grid(observed(items))
    assert found.zero + found.origin >= 0 and found.end - found.origin < 8


# ---- bars --------------------------------------------------------------------


def bars(*columns, top=8.0, high=4, view=LIVE):
    lines = plot(list(columns), top, ("8", "4"), view, 10 + len(columns), high, None, 10)
    return [text_of(line)[10:].replace("┈", " ") for line in lines]


def test_what_is_not_nothing_is_seen_and_nothing_is_not():
    assert bars(Column(0, 1e-9), Column(), None)[-1] == "▁  "
    assert bars(Column(0, 8.0))[0] == "█"


def test_becoming_lies_below_and_load_above_it():
    lines = plot([Column(0, 4.0, 4.0)], 8.0, ("8", ""), LIVE, 11, 4, None, 10)
    styles = [[span.style for span in line if span.text == "█"] for line in lines]
    assert styles == [["load"], ["load"], ["becoming"], ["becoming"]]


def test_a_border_within_a_cell_shows_both():
    lines = plot([Column(0, 1.0, 7.0)], 8.0, ("8", ""), LIVE, 11, 4, None, 10)
    (cell,) = (span for span in lines[-1] if span.style == "border")
    assert cell.text == "▄"


def test_without_colours_patterns_tell_the_stages():
    view = LIVE.looking(theme=Theme(colours=False))
    assert bars(Column(4.0, 4.0), view=view) == ["░", "░", "▒", "▒"]
    ascii_only = LIVE.looking(glyphs=ASCII)
    assert bars(Column(0, 4.0, 4.0), view=ascii_only) == ["#", "#", ":", ":"]


def test_the_greatest_second_of_a_column_is_shown_a_second():
    items = [
        sample(at, stats(dup("kvm", 1 + (300 if at >= 50 else 0)))) for at in range(0, 600, 10)
    ]
    items.insert(6, sample(50.5, stats(dup("kvm", 301))))
    seen = observed(items)
    made = scene(seen, LIVE.choosing(per_second=True))
    values = made.reach.at(grid(seen, 30).edges())
    columns = [c for c in chart._columns(made, grid(seen, 30), values) if c is not None]
    most = max(column.total for column in columns)
    mean = max((columns[i].total for i in range(len(columns))), default=0)
    assert most == mean > 300 * 1000 / 20  # more than the mean over its twenty seconds


def test_axis_ends_are_round_and_at_most_twice_too_high():
    for value in (1, 1023, 1024, 5000, 63.8 * 2**20, 19e9, 2**60):
        assert value <= nice_ceiling(value) <= max(1024, 2.5 * value)


# ---- lanes -------------------------------------------------------------------


def test_a_lane_shows_when_its_module_grew_on_the_charts_axis():
    items = [sample(at, stats(dup("vfat", 1 + (at >= 30)), dup("kvm", 1 + at))) for at in range(60)]
    seen = observed(items)
    made = scene(seen, LIVE)
    lanes = Lanes(made, 40)
    vfat = next(row for row in seen.frame.rows if row.module == "vfat")
    styles = [style for text, style, _ in lanes.of(vfat) for _ in text]
    (column,) = (x for x, style in enumerate(styles) if style == "becoming")
    assert lanes.grid.edges()[column] <= 30 <= lanes.grid.edges()[column + 1]


def test_what_failed_before_anybody_looked_has_no_moment_in_a_lane():
    for begin in (0, 100.1):  # columns may begin before the first reading
        items = [sample(begin + at, stats(dup("kvm", 50))) for at in (0, 9)]
        seen = observed(items)
        (row,) = seen.frame.rows
        assert not any(style == "becoming" for _, style, _ in Lanes(scene(seen, LIVE), 40).of(row))


def test_lanes_stand_below_the_plot_of_the_chart():
    items = [sample(at, stats(dup("kvm", 1 + 9 * (at >= 33)))) for at in range(60)]
    lines = picture(observed(items), LIVE, 120, 40).splitlines()
    floor = next(line for line in lines if "0 ▔" in line or "0 ╵" in line or "0 ▀" in line)
    (row,) = (line for line in lines if re.match(r"^│[▲•+ ] kvm", line))
    grew = max(row.rindex(sign) for sign in "▇" if sign in row)
    assert floor[grew] == "▀"
    assert lane_cells(119) == 0 and lane_cells(120) == 44 and lane_cells(200) == 100


def test_a_recording_is_shown_whole_with_its_storms_numbered():
    seen = grown([17.6, 24.2, 28.0, 34.0, 60.0, 87.6])
    lines = picture(seen, LIVE.knowing(deck=deck(paused=True)), 80, 24).splitlines()
    axis = next(line for line in lines if line.startswith("        0 "))
    assert re.search(r"1.*2", axis) and "▲" in axis
    assert any(line.startswith(" storms  1  24 s") for line in lines)


def test_a_lane_is_drawn_anew_when_its_module_grows_and_only_then():
    items = [sample(at, stats(dup("vfat", 1 + (at >= 30)), dup("kvm", 1 + at))) for at in range(60)]
    seen, more = observed(items[:50]), observed(items)

    def lanes_of(frame):
        made = scene(seen._replace(frame=frame, past=more.past), LIVE)
        lanes = Lanes(made, 40)
        return {row.module: lanes.of(row) for row in frame.rows}

    before, after = lanes_of(seen.frame), lanes_of(more.frame)
    assert after["vfat"] is before["vfat"] and after["kvm"] != before["kvm"]


def test_a_polled_chart_has_no_columns_between_two_readings():
    seen = observed([sample(at, stats(dup("kvm", 1 + at))) for at in range(5)])
    for means, interval, step in (
        ("polled", 1.0, 1.0),
        ("polled", 0.1, 0.2),
        ("watched", 1.0, 0.2),
    ):
        view = View(Situation(Source("f", means, interval)))
        assert grid_of(seen.frame, seen.past, view, 100).step == step
