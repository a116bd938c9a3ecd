"""Loads counted from a trace, where the kernel keeps no statistics."""

import pytest
from support.samples import SAMPLES
from support.traces import STOCK

from kmodtop_core.sample import NOWHERE
from kmodtop_core.sources.bundle import items_of
from kmodtop_core.sources.traced import Counter, counted
from kmodtop_core.stats.format import UNSEEN, render_counted
from kmodtop_core.stats.parse import parse, split
from kmodtop_core.stats.values import STAGES, Duplicate, FailReason, ModuleStats

MIB = 1 << 20


def last(case):
    return parse(counted((STOCK / case / "trace.txt").read_bytes(), NOWHERE)[-1].text)[-1]


def test_beside_a_kernel_that_has_both_every_figure_is_equal():
    """All that becoming and load amount to, and each row, of a kernel with the statistics."""
    folder = STOCK / "lab-12cpu"
    before, after = (
        parse((folder / f"stats-{n}.txt").read_bytes())[-1] for n in ("before", "after")
    )
    own = last("lab-12cpu").stats
    for stage in STAGES[2:]:
        for name in (stage.failures, stage.bytes):
            assert own.counter(name) == after.stats.counter(name) - before.stats.counter(name)
    assert own.modcount == after.stats.modcount - before.stats.modcount
    assert not before.stats.duplicates
    # The order of two rows that came within a microsecond is the only thing that may differ.
    assert set(own.duplicates) == set(after.stats.duplicates)
    assert own.duplicates == after.stats.duplicates


@pytest.mark.parametrize(
    ("case", "becoming", "load", "wasted"),
    [
        ("bookworm-4cpu", 0, 52, 8.4),
        ("udev-16cpu", 229, 2, 70.0),
        ("sid-8cpu", 27, 26, 35.9),
        ("trixie-16cpu", 0, 0, 0),
    ],
)
def test_stock_kernels_are_counted(case, becoming, load, wasted):
    stats = last(case).stats
    assert (stats.failed_becoming, stats.failed_load_modules) == (becoming, load)
    assert round(stats.virtual_mem_wasted_bytes / MIB, 1) == wasted


def test_what_no_event_tells_is_unknown_and_never_zero():
    block = last("udev-16cpu")
    assert block.missing == UNSEEN and block.lacks == ()
    assert block.counted == pytest.approx(102.404184) and block.whole and not block.warnings


def test_a_text_that_was_counted_is_read_again_as_it_was():
    rows = tuple(Duplicate(f"m{n}", n + 1, FailReason(1 + n % 3)) for n in range(300))
    stats = ModuleStats(modcount=5, failed_becoming=9, invalid_becoming_bytes=12, duplicates=rows)
    text = render_counted(stats, 7.25)
    (block,) = parse(text)
    assert (block.stats, block.counted, block.truncated) == (stats, 7.25, False)
    assert split(text + text) == [text, text]
    assert not parse(text[: len(text) // 2])[-1].whole


def test_no_duplicates_in_a_counted_text_are_none_and_not_unknown():
    (block,) = parse(render_counted(ModuleStats(failed_becoming=2), 1.0))
    assert block.duplicates == 0 and block.other == 2 and not block.table_missing


def test_a_mark_does_not_make_a_text_of_the_kernels_a_counted_one():
    text = (SAMPLES / "states" / "normal-set.txt").read_bytes()
    block = parse(b"Counted by kmodtop since 1.000000 s after boot\n" + text)[-1]
    assert block.counted is None and not block.missing


def test_a_trace_without_the_steps_of_loads_is_not_counted():
    assert counted(b"", NOWHERE) == ()
    trace = (SAMPLES / "traced" / "a_udev" / "trace.txt").read_bytes()
    assert counted(trace, NOWHERE) == ()
    assert items_of({"trace.txt": trace}, "x") == ()


def test_texts_come_at_the_times_of_the_events():
    texts = counted((STOCK / "udev-16cpu" / "trace.txt").read_bytes(), NOWHERE)
    times = [sample.at.uptime for sample in texts]
    assert times == sorted(times) and 40 < len(times) < 400
    failures = [parse(sample.text)[-1].stats.failures for sample in texts]
    assert failures[0] == 0 and failures == sorted(failures) and failures[-1] == 231


def test_nothing_counted_yet_is_a_text_of_zeros():
    (block,) = parse(Counter(3.0, True).text())
    assert block.stats == ModuleStats() and block.counted == 3.0
