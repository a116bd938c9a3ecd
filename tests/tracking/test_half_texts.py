"""Texts that may be half written: shown and marked where there is no other, else waited for."""

from support.samples import dup, sample, stats

from kmodtop_core.tracking.tracker import Tracker


def run(*items):
    tracker = Tracker()
    return [tracker.observe(item) for item in items]


def test_a_first_text_that_may_be_half_written_is_shown_and_marked():
    half = stats(dup("kvm", 5), failed_becoming=9)
    first, again, whole, more = run(
        sample(0, half, settled=False),
        sample(0.6, half),
        sample(1, stats(dup("kvm", 5), dup("evdev", 4))),
        sample(2, stats(dup("kvm", 6), dup("evdev", 4))),
    )
    assert first.block is not None and first.gap is None
    assert [warning.code for warning in first.warnings] == ["half-written"]
    assert again.event == "same" and not again.warnings
    assert whole.event == "change" and more.event == "change"


def test_what_follows_a_half_first_text_is_no_growth():
    half, whole = stats(dup("kvm", 2), failed_becoming=9), stats(dup("kvm", 5), dup("evdev", 4))
    _, second, third = run(
        sample(0, half, settled=False),
        sample(0.3, whole),
        sample(1.3, stats(dup("kvm", 6), dup("evdev", 4))),
    )
    assert second.event == "first" and not second.change.deltas and not second.warnings
    assert [row.since_start for row in second.rows] == [0, 0] and second.resets == 0
    assert third.since_start.deltas["failed_becoming"] == 1


def test_later_a_half_text_never_stands_for_the_whole_one():
    whole = stats(dup("kvm", 5), dup("evdev", 4))
    *_, doubtful = run(sample(0, whole), sample(1, stats(dup("kvm", 6)), settled=False))
    assert doubtful.block.stats.failures == 9 or doubtful.gap is None
    half = stats(dup("kvm", 6), failed_becoming=11)
    *_, doubtful = run(sample(0, whole), sample(1, half, settled=False))
    assert doubtful.event == "gap" and doubtful.block.stats.failures == 9
