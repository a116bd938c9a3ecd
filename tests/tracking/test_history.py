"""The past in bounded series."""

import pytest

from kmodtop_core.tracking.history import Counts, History, Series

# ---- history -------------------------------------------------------------


def test_a_week_at_one_sample_a_second_stays_within_a_fixed_memory():
    history = History()
    for second in range(0, 7 * 86400, 7):
        history.add(second, (second, 0, 0, 0, second))
    assert history.points() <= 3200
    first, middle, last = history.at([0, 3.5 * 86400, history.last])
    assert first[0] == 0 and last[0] == history.last
    assert middle[0] == pytest.approx(3.5 * 86400, rel=0.01)


def test_values_lie_on_a_straight_line_between_points():
    history = History()
    history.add(0, (0, 0, 0, 0, 0))
    history.add(10, (100, 0, 0, 0, 1))
    assert [v and v[0] for v in history.at([0, 5, 10, 11])] == [0, 50, 100, None]


def test_gaps_stay_gaps():
    history = History()
    history.add(0, (1,))
    history.add(5, None)
    history.add(10, (2,))
    assert history.at([4, 6, 10]) == [(1,), None, (2,)]


def test_a_growing_series_doubles_its_width_and_keeps_its_ends():
    line = Series(1.0, size=10, grows=True)
    for second in range(100):
        line.add(second, (second,))
    assert len(line) <= 10 and line.width > 8
    assert line.at([0, 99]) == [(0,), (99,)]


def test_counts_are_thinned_and_keep_the_latest():
    counts = Counts(size=16)
    for i in range(1000):
        counts.add(i, i)
    assert len(counts.points) <= 16
    assert counts.at([-1, 999]) == [None, 999]
