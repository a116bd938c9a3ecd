"""What a reading comes to."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.points import named
from support.samples import SAMPLES, dup, gap, kernel_texts, sample, stats

from kmodtop_core.diagnosis.case import case_of_text
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE
from kmodtop_core.errors import Trouble
from kmodtop_core.metrics.families import BY_NAME, FAMILIES, GAUGE
from kmodtop_core.metrics.points import (
    of_block,
    of_findings,
    of_frame,
    of_host,
    of_instance,
    of_reads,
    of_state,
    of_warnings,
)
from kmodtop_core.sample import Gap, Host, Instant
from kmodtop_core.stats.block import ABSURD_BYTES
from kmodtop_core.stats.parse import NoStatistics, parse, render
from kmodtop_core.stats.values import FailReason, ModuleStats
from kmodtop_core.tracking.tracker import Tracker

BOTH = SAMPLES / "states/both.txt"
TEXTS = [*kernel_texts(), *sorted(SAMPLES.glob("published/*"))]
WHY_LEFT_OUT = {"negative-bytes", "bad-value"}


def points(what, per_module=True):
    """Of statistics or of a text."""
    block = parse(what if isinstance(what, bytes) else render(what))[-1]
    return named([*of_block(block, per_module), *of_warnings(block.warnings)])


def after(*items):
    """Of a source that has yielded those."""
    tracker, frame = Tracker(), None
    for item in items:
        frame = tracker.observe(item)
    return named(list(of_frame(frame)))


def codes(found, name="kmod_text_warnings"):
    return {dict(labels)["code"] for family, labels in found if family == name}


# ---- the figures --------------------------------------------------------------


def test_each_counter_of_the_kernel_has_its_point():
    found = points(
        ModuleStats(67, 1, 2, 3, 1411, 11_464_704, 4_194_304, 5, 6, 7, 14_588_526_272, ())
    )
    stages = ("kread", 1, 5), ("decompress", 2, 6), ("becoming", 3, 7), ("load", 1411, 14588526272)
    for stage, failures, wasted in stages:
        assert found["kmod_load_failures_total", (("stage", stage),)] == failures
        assert found["kmod_load_wasted_bytes_total", (("stage", stage),)] == wasted
    assert found["kmod_loads_total", ()] == 67
    assert found["kmod_loaded_bytes_total", ()] == 11_464_704
    assert found["kmod_loaded_text_bytes_total", ()] == 4_194_304


def test_each_row_has_its_count_and_a_point_for_each_reason():
    found = points(BOTH.read_bytes())
    rows = parse(BOTH.read_bytes())[-1].stats.duplicates
    counts = {labels: v for (name, labels), v in found.items() if name.startswith("kmod_dup")}
    for row in rows:
        assert found["kmod_duplicate_loads_total", (("module", row.module),)] == row.times
        for reason in row.reason.names:
            assert counts[("module", row.module), ("reason", reason)] == 1
    assert found["kmod_duplicate_table_rows", ()] == len(rows)


def test_a_module_whose_reason_changes_keeps_its_count():
    early, both = FailReason.BECOMING, FailReason.BECOMING | FailReason.LOAD
    before, later = (points(stats(dup("kvm", 3, reason))) for reason in (early, both))
    (new,) = later.keys() - before.keys()
    assert new == ("kmod_duplicate_reason", (("module", "kvm"), ("reason", "load")))


def test_modules_are_left_out_where_nobody_wants_them():
    found = points(BOTH.read_bytes(), per_module=False)
    assert found["kmod_duplicate_table_rows", ()] > 0
    assert not any("module" in dict(labels) for _, labels in found)


def test_a_table_that_the_kernel_cut_is_told():
    cut = points((SAMPLES / "limits/rows-once-180.txt").read_bytes())
    assert cut["kmod_duplicate_table_truncated", ()] == 1
    assert points(BOTH.read_bytes())["kmod_duplicate_table_truncated", ()] == 0


def test_a_table_that_may_have_been_lost_has_no_points_at_all():
    text = BOTH.read_bytes().partition(b"Duplicate")[0].replace(b"\t", b"  ")
    found = points(text)
    assert "table-missing" in codes(found)
    assert not any(name.startswith("kmod_duplicate") for name, _ in found)


# ---- what is left out ------------------------------------------------------------


def test_an_error_code_that_was_added_to_bytes_is_left_out_and_warned_of():
    found = points(stats(invalid_kread_bytes=2**64 - 21, failed_kreads=1))
    assert ("kmod_load_wasted_bytes_total", (("stage", "kread"),)) not in found
    assert found["kmod_load_failures_total", (("stage", "kread"),)] == 1
    assert "negative-bytes" in codes(found)


counters = st.sampled_from(ModuleStats._fields[:-1])
anything = st.integers(0, 2**66) | st.sampled_from([2**32, 2**62 - 1, 2**62, 2**63, 2**64 - 1])


@given(st.dictionaries(counters, anything))
@settings(deadline=None)
def test_no_counter_is_left_out_without_a_warning(values):
    try:
        block = parse(render(stats(**values)))[-1]
    except NoStatistics:
        return
    found = named([*of_block(block), *of_warnings(block.warnings)])
    absurd = [name for name, value in block.stats.counters() if value >= ABSURD_BYTES]
    counted = [name for name, _ in found if name.endswith("_total")]
    assert len(counted) == len(ModuleStats._fields) - 1 - len(absurd) - len(block.missing)
    assert not absurd or codes(found) & WHY_LEFT_OUT
    assert all(0 <= value < ABSURD_BYTES for value in found.values())


def test_a_counter_that_a_text_lacks_is_not_0():
    found = points(b"Counted by kmodtop since 1.000000 s after boot\n" + _counted())
    stages = {dict(labels)["stage"] for name, labels in found if name == "kmod_load_failures_total"}
    assert stages == {"becoming", "load"}
    assert ("kmod_loaded_bytes_total", ()) not in found


def _counted():
    lines = render(stats(dup("kvm", 2))).splitlines(keepends=True)
    lost = (b"kread", b"decomp", b"module size", b"text size", b"mod size")
    return b"".join(line for line in lines if not any(word in line for word in lost))


# ---- whether it can be read ----------------------------------------------------------


def test_nothing_is_known_before_the_first_reading():
    assert named(list(of_frame(None))) == {
        ("kmodtop_up", ()): 0, ("kmodtop_unreadable", (("code", "waiting"),)): 1
    }  # fmt: skip


def test_a_gap_says_why_and_takes_the_figures_away():
    assert after(sample(0, stats(dup("kvm", 1))), gap(1, "no-permission")) == {
        ("kmodtop_up", ()): 0, ("kmodtop_unreadable", (("code", "no-permission"),)): 1
    }  # fmt: skip


def test_figures_come_back_after_a_gap():
    found = after(sample(0, stats()), gap(1), sample(2, stats(dup("kvm", 2))))
    assert found["kmodtop_up", ()] == 1 and not codes(found, "kmodtop_unreadable")
    assert found["kmod_duplicate_loads_total", (("module", "kvm"),)] == 2


def test_while_a_file_is_being_written_the_last_whole_text_stands():
    whole = sample(0, stats(dup("kvm", 5)))
    half = sample(1, whole.text[:200], settled=False)
    assert after(whole, half) == after(whole)


def test_what_is_no_statistics_is_unreadable():
    assert codes(after(sample(0, b"nothing")), "kmodtop_unreadable") == {"not-stats"}


def test_a_new_boot_is_warned_of():
    found = after(sample(9, stats(dup("kvm", 5))), sample(10, stats(modcount=1)))
    assert "counter-reset" in codes(found)


def test_rows_that_the_kernel_no_longer_prints_are_dropped():
    first, second = stats(dup("old", 1), dup("kvm", 1)), stats(dup("new", 1), dup("kvm", 1))
    found = after(sample(0, first), sample(1, second._replace(failed_becoming=3)))
    modules = {dict(labels).get("module") for _, labels in found} - {None}
    assert modules == {"new", "kvm"}


# ---- labels -----------------------------------------------------------------------


@given(st.lists(st.binary(min_size=1, max_size=55).filter(lambda name: b"\0" not in name)))
@settings(deadline=None)
def test_names_of_modules_are_harmless_and_none_is_there_twice(names):
    rows = [dup(name.decode("utf-8", "surrogateescape"), 3) for name in names]
    try:
        found = points(stats(*rows))
    except NoStatistics:
        return
    assert all(value.isprintable() for _, labels in found for _, value in labels)


def test_names_in_hostile_texts_are_harmless():
    for path in sorted((SAMPLES / "hostile").iterdir()):
        found = points(path.read_bytes())
        values = [value for _, labels in found for _, value in labels]
        assert values and all(value.isprintable() for value in values)


@pytest.mark.parametrize("evil", ["\x1b[2J", "a\nb 1", 'a"} 1\n#', "\u202ex", "a\udcff"])
def test_what_a_host_or_a_recording_says_of_itself_is_harmless(evil):
    host = Host(evil, evil, 4, evil)
    found = [
        *of_host(host, "1", None),
        *of_state(Gap(Instant(0), Trouble(evil, "gone")).why),
    ]
    for point in found:
        assert all(value.isprintable() for _, value in point.labels)


def test_of_several_machines_each_point_has_its_instance():
    found = list(of_instance(of_state(None), "big"))
    assert [point.labels for point in found] == [(("instance", "big"),)]


# ---- beside the figures -----------------------------------------------------------


def test_the_era_goes_by_the_kernel():
    for kernel, era in (("6.4.0", "early-check"), ("6.12.9", "idempotent"), (None, ""), ("x", "")):
        (info, *_) = of_host(Host(kernel=kernel), "0.1", None)
        assert dict(info.labels) == {"version": "0.1", "kernel": kernel or "", "era": era}


def test_nobody_knows_when_a_file_was_booted():
    assert [point.family for point in of_host(Host(), "0", None)] == ["kmodtop"]
    assert list(of_host(Host(), "0", 1.23456))[-1].value == 1.235


def test_each_finding_is_told_once():
    case = case_of_text(parse(BOTH.read_bytes())[-1], Host(), Instant(9), NO_EVIDENCE)
    found = diagnose(case).findings
    told = list(of_findings([*found, *found]))
    assert found and named(told) == named(list(of_findings(found)))


def test_reading_has_a_cost():
    reads, seconds = of_reads(3, 0.00012345)
    assert (reads.value, seconds.value) == (3, 0.000123)


# ---- the table --------------------------------------------------------------------


def test_names_and_helps_are_as_prometheus_wants_them():
    for family in FAMILIES:
        assert re.fullmatch(r"kmod(top)?(_[a-z]+)*", family.name)
        assert family.help.endswith(".") and "\n" not in family.help
        assert not family.name.endswith(("_total", "_info", "_created"))
        assert not family.unit or family.name.endswith(f"_{family.unit}")
    assert len(BY_NAME) == len(FAMILIES)


def test_every_point_of_every_sample_is_in_the_table_with_the_labels_that_it_has():
    for path in TEXTS:
        block = parse(path.read_bytes())[-1]
        case = case_of_text(block, Host(), Instant(9), NO_EVIDENCE)
        found = [*of_block(block), *of_warnings(block.warnings), *of_state(None)]
        for point in [*found, *of_findings(diagnose(case).findings)]:
            family = BY_NAME[point.family]
            assert tuple(name for name, _ in point.labels) == family.labels, path
            assert family.kind != GAUGE or not family.labels or point.value == 1


def test_counters_grow_along_a_storm():
    items = [sample(n, stats(dup("kvm", n + 1))) for n in range(5)]
    for before, later in pairwise(after(*items[: n + 1]) for n in range(5)):
        grown = [key for key in before if key[0].endswith("_total") and later[key] < before[key]]
        assert not grown
