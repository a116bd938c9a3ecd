"""What a recording comes to over time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.points import named
from support.recordings import changed, record
from support.samples import dup, gap, stats
from support.timed import BOOTED, KVM, LOADS, UP, at, kvm, of_files, text_of, told, without_instance

from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.metrics.points import of_frame
from kmodtop_core.sample import Gap, Instant
from kmodtop_core.tracking.tracker import Tracker

ROWS = "kmod_duplicate_table_rows", ()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "one.db"


def unreadable(code):
    return "kmodtop_unreadable", (("code", code),)


# ---- counters ---------------------------------------------------------------------


def test_a_counter_begins_with_0_at_boot(file):
    found = told(file, at(10, kvm(3, modcount=7)))
    assert found[LOADS] == [(0, 0), (10, 7)]
    assert found[KVM] == [(0, 0), (10, 3)]


def test_a_row_that_came_later_begins_with_0_at_the_look_before(file):
    found = told(file, at(10, stats()), at(12, stats()), at(15, kvm(3)))
    assert found[KVM] == [(12, 0), (15, 3)]


def test_a_value_is_repeated_at_the_last_look_before_it_changed(file):
    found = told(file, at(10, kvm(1)), at(30, kvm(1)), at(31, kvm(2)), at(33, kvm(2)))
    assert found[KVM] == [(0, 0), (10, 1), (30, 1), (31, 2), (33, 2)]


def test_what_does_not_change_is_told_every_minute(file):
    found = told(file, at(10, kvm(1)), at(200, kvm(1)), at(201, kvm(1, modcount=6)))
    assert found[KVM] == [(0, 0), (10, 1), (70, 1), (130, 1), (190, 1), (201, 1)]


def test_a_row_that_is_no_longer_printed_ends(file):
    both = stats(dup("kvm", 1), dup("old", 1))
    found = told(file, at(1, both), at(5, both), at(6, kvm(2)), at(9, kvm(2)))
    assert found["kmod_duplicate_loads_total", (("module", "old"),)] == [(0, 0), (1, 1), (5, 1)]
    reason = "kmod_duplicate_reason", (("module", "old"), ("reason", "becoming"))
    assert found[reason] == [(1, 1), (5, 1), (6, 0)]


def test_of_what_came_within_a_millisecond_the_last_counts(file):
    found = told(file, at(1, kvm(1)), at(2.0001, kvm(2)), at(2.0002, kvm(3)), at(2.0003, kvm(4)))
    assert found[KVM][-2:] == [(1, 1), (2, 4)]


def test_a_text_that_was_half_written_is_no_fall_of_a_counter(file):
    whole = at(1, kvm(1411))
    half = at(2, whole.text[: whole.text.index(b"1411") + 2], settled=False)
    found = told(file, whole, half, at(3, kvm(1412)))
    values = [value for _, value in found["kmod_load_failures_total", (("stage", "becoming"),)]]
    assert values == sorted(values) and values[-1] == 1412


# ---- gaps -------------------------------------------------------------------------


def test_a_gap_takes_the_counters_away_and_says_why(file):
    found = told(file, at(1, kvm(1)), at(5, kvm(1)), gap(6, "missing"), gap(9, "missing"),
                 at(10, kvm(2)))  # fmt: skip
    assert found[UP] == [(1, 1), (5, 1), (6, 0), (9, 0), (10, 1)]
    assert found[unreadable("missing")] == [(6, 1), (9, 1), (10, 0)]
    assert found[KVM] == [(0, 0), (1, 1), (5, 1), (10, 2)]


def test_nothing_is_made_up_of_a_table_that_cannot_be_read(file):
    """0 would mean that it has no rows, or is whole."""
    found = told(file, at(1, kvm(1)), gap(6), gap(9))
    assert found[ROWS] == [(1, 1)]
    assert found["kmod_duplicate_table_truncated", ()] == [(1, 0)]


def test_a_reason_that_a_hostile_recording_gives_is_harmless(file):
    record(str(file), at(1, kvm(1)), gap(2))
    changed(file, "UPDATE gap SET code = 'a' || char(27, 10) || '[2J'")
    (code,) = {dict(labels).get("code") for _, labels in of_files(file)} - {None}
    assert code == "a\\x1b\\n[2J"


# ---- clocks -----------------------------------------------------------------------


def test_a_boot_has_one_clock_although_the_wall_clock_was_set(file):
    """Its last text knows the time best: at first there may have been no clock."""
    items = [at(uptime, kvm(uptime)) for uptime in range(1, 9)]
    unset = [item._replace(at=item.at._replace(wall=item.at.uptime)) for item in items[:4]]
    found = told(file, *unset, *items[4:])
    assert found[KVM] == [(0, 0), *((float(n), n) for n in range(1, 9))]
    assert {value for _, value in found["kmod_boot_time_seconds", ()]} == {BOOTED}


def test_a_recording_without_clock_times_is_refused_in_a_sentence(file):
    items = [at(1, kvm(1))._replace(at=Instant(1.0))]
    record(str(file), *items)
    with pytest.raises(SourceError, match=r"one: knows no clock times, .*; take jsonl or csv"):
        of_files(file)


# ---- all of it ----------------------------------------------------------------------


steps = st.lists(
    st.tuples(st.floats(0.002, 130), st.sampled_from(["grow", "same", "row", "gap", "drop"])),
    min_size=1, max_size=25,
)  # fmt: skip


def walk(told):
    """Samples and gaps as those steps go, and the last time."""
    when, loads, rows = 1.0, 1, [dup("kvm", 1)]
    yield at(when, stats(*rows, modcount=loads))
    for wait, what in told:
        when += wait
        loads += what == "grow"
        rows = [dup(f"m{when}", 1), *rows] if what == "row" else rows
        rows = rows[-1:] if what == "drop" else rows
        yield gap(when) if what == "gap" else at(when, _counted(rows, loads))


def _counted(rows, loads):
    """Failures only grow, although rows are dropped."""
    return stats(*rows, modcount=loads, failed_becoming=1000 + loads)


@given(steps)
@settings(max_examples=20, deadline=None)
def test_at_the_time_of_each_look_it_says_what_an_exporter_would_have(tmp_path_factory, told):
    path = tmp_path_factory.mktemp("walk") / "one.db"
    items = list(walk(told))
    record(str(path), *items)
    found = {key: dict(values) for key, values in without_instance(of_files(path)).items()}
    tracker = Tracker()
    for item in items:
        when = round(BOOTED + item.at.uptime, 3)
        for key, value in named(list(of_frame(tracker.observe(item)))).items():
            assert standing(found[key], when) == value, (key, when)


def standing(values, when):
    """The last one until then."""
    return values[max(at for at in values if at <= when + 0.0005)]


@given(steps)
@settings(max_examples=20, deadline=None)
def test_points_are_in_order_and_go_on_to_the_last_look(tmp_path_factory, told):
    path = tmp_path_factory.mktemp("walk") / "one.db"
    record(str(path), *walk(told))
    found = without_instance(of_files(path))
    for values in found.values():
        times = [when for when, _ in values]
        assert times == sorted(set(times))
    end = BOOTED + 1 + sum(wait for wait, _ in told)
    assert found[UP][-1][0] == pytest.approx(end, abs=0.002)


def test_modules_are_left_out_where_nobody_wants_them(file):
    record(str(file), at(1, kvm(3)))
    assert not any("module" in dict(labels) for _, labels in of_files(file, per_module=False))


def test_when_counters_began_is_told_with_times_as_promtool_wants_them(file):
    record(str(file), at(1, kvm(3)))
    lines = [line for line in text_of(file, created=True).splitlines() if "_created{" in line]
    assert lines
    for line in lines:
        value, when = line.rpartition("}")[2].split()
        assert float(value) == BOOTED and float(when) >= BOOTED


def test_it_ends_with_its_end(file):
    record(str(file), at(1, kvm(3)))
    assert text_of(file).endswith("\n# EOF\n") and text_of(file).count("# EOF") == 1


def test_findings_are_of_the_end_of_a_boot(file):
    found = told(file, at(1, kvm(1)), at(9, stats(dup("kvm", 254), dup("vfat", 3))))
    ends = {values[-1][0] for (name, _), values in found.items() if name == "kmod_finding"}
    assert ends == {9}


def test_a_gap_before_any_text_has_its_code(file):
    why = Trouble("odd code", "gone")
    found = told(file, Gap(Instant(1.0, BOOTED + 1), why), at(3, kvm(1)))
    assert found[unreadable("odd code")] == [(1, 1), (3, 0)]
