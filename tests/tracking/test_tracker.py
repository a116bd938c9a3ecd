"""Frames: what grew, how fast, since when; resets, wraps, gaps."""

import json

import pytest
from support.samples import SAMPLES, dup, gap, sample, stats

from kmodtop_core.sample import Host, Instant, Sample
from kmodtop_core.stats.parse import parse
from kmodtop_core.tracking.rows import MAX_TRACKED
from kmodtop_core.tracking.tracker import Tracker


def run(*items):
    tracker = Tracker()
    return [tracker.observe(item) for item in items]


def row(frame, module):
    return next(row for row in frame.rows if row.module == module)


def test_the_first_frame_has_no_growth():
    (frame,) = run(sample(10, stats(dup("kvm", 5))))
    assert (frame.event, frame.now, frame.wasted_rate, frame.delta_s) == ("first", 0, None, None)
    kvm = row(frame, "kvm")
    assert (kvm.delta, kvm.since_start, kvm.rate, kvm.first_seen) == (0, 0, None, None)
    assert kvm.heat(frame.now) == 0 and not kvm.is_new(frame.now)


def test_growth_is_told_since_the_sample_before_and_since_the_start():
    *_, frame = run(
        sample(10, stats(dup("kvm", 5))),
        sample(11, stats(dup("kvm", 8))),
        sample(13, stats(dup("evdev", 2), dup("kvm", 9))),
    )
    kvm, evdev = row(frame, "kvm"), row(frame, "evdev")
    assert (kvm.delta, kvm.since_start, kvm.rate) == (1, 4, 0.5)
    assert (evdev.delta, evdev.since_start, evdev.rate) == (2, 2, 1.0)
    assert evdev.first_seen == 3 and evdev.is_new(frame.now)
    assert frame.change.deltas == {"failed_becoming": 3, "invalid_becoming_bytes": 3000}
    assert frame.wasted_rate == 1500
    assert frame.since_start.deltas["failed_becoming"] == 6


def test_heat_fades_with_time_and_not_with_looks():
    frames = run(
        sample(0, stats(dup("kvm", 5))),
        sample(1, stats(dup("kvm", 6))),
        *(sample(1 + i / 10, stats(dup("kvm", 6))) for i in range(1, 10)),
        sample(4, stats(dup("kvm", 6))),
        sample(12, stats(dup("kvm", 6))),
    )
    heats = [row(frame, "kvm").heat(frame.now) for frame in frames]
    assert heats == [0, 2, *[2] * 9, 1, 0]


def test_rates_of_quick_readings_are_taken_over_a_second():
    texts = [stats(dup("kvm", count)) for count in (0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)]
    frames = run(*(sample(i / 10, text) for i, text in enumerate(texts)))
    assert [f.rows[0].recent if f.rows else 0 for f in frames[1:10]] == [1] * 9
    assert frames[9].wasted_rate == pytest.approx(1000 / 0.9)
    assert frames[10].wasted_rate == 0


def test_a_file_that_nobody_wrote_to_keeps_its_last_growth_for_some_seconds():
    text = stats(dup("kvm", 6))
    first = sample(0, stats(dup("kvm", 5)))
    frames = run(
        first, sample(1, text), *(sample(1 + s, text, fresh=False) for s in (1, 2, 3, 4, 6, 7, 8))
    )
    assert [row(f, "kvm").recent for f in frames[1:]] == [1, 1, 1, 1, 1, 0, 0, 0]


def test_rows_that_fell_off_the_kernels_list_are_kept_and_marked():
    old = [dup(f"m{i:03}", 9) for i in range(111)]
    *_, frame = run(
        sample(0, stats(*old)), sample(1, stats(dup("new", 1), *old[:-1], failed_becoming=1000))
    )
    assert row(frame, "m110").fallen and row(frame, "m110").count == 9
    assert not row(frame, "m109").fallen
    assert frame.rows[-1].module == "m110"


def test_a_row_that_comes_back_is_no_longer_fallen():
    a, b = dup("a", 1), dup("b", 1)
    *_, frame = run(
        sample(0, stats(a, b)),
        sample(1, stats(a, failed_becoming=2, invalid_becoming_bytes=2000)),
        sample(2, stats(a, dup("b", 3))),
    )
    assert (row(frame, "b").fallen, row(frame, "b").count, row(frame, "b").since_start) == (
        False,
        3,
        2,
    )


def test_a_new_boot_id_is_a_reset_whatever_the_counters_say():
    *_, frame = run(
        sample(100, stats(dup("kvm", 5)), Host(boot_id="a")),
        sample(9, stats(dup("kvm", 500)), Host(boot_id="b")),
    )
    assert (frame.event, frame.resets) == ("reset", 1)
    assert row(frame, "kvm").since_start == 0
    assert "counter-reset" in {w.code for w in frame.warnings}


def test_the_same_text_after_a_reboot_is_a_reset_too():
    same = stats(dup("kvm", 5))
    *_, frame = run(sample(100, same, Host(boot_id="a")), sample(20, same, Host(boot_id="b")))
    assert frame.event == "reset"


def test_counters_that_fell_are_a_reset_when_the_boot_is_not_known():
    *_, frame = run(sample(0, stats(dup("kvm", 50))), sample(1, stats(dup("kvm", 3))))
    assert frame.event == "reset"
    assert row(frame, "kvm").delta == 0


def test_a_count_that_passed_32_bits_is_a_wrap_and_no_reset():
    before = stats(failed_becoming=2**32 - 2, invalid_becoming_bytes=10**12)
    after = stats(failed_becoming=3, invalid_becoming_bytes=10**12 + 5000)
    *_, frame = run(sample(0, before), sample(1, after))
    assert frame.event == "change"
    assert frame.change.deltas["failed_becoming"] == 5
    assert {w.code for w in frame.warnings} == {"counter-wrap"}


def test_bytes_of_a_32_bit_kernel_wrap_too():
    before = stats(failed_becoming=10, invalid_becoming_bytes=2**32 - 1000)
    after = stats(failed_becoming=11, invalid_becoming_bytes=4000)
    *_, frame = run(sample(0, before), sample(1, after))
    assert (frame.event, frame.change.deltas["invalid_becoming_bytes"]) == ("change", 5000)
    assert frame.wasted_rate == 5000


def test_an_absurd_length_makes_bytes_fall_without_a_reset():
    before = stats(failed_kreads=12, invalid_kread_bytes=139296)
    after = stats(failed_kreads=13, invalid_kread_bytes=139295)
    *_, frame = run(sample(0, before), sample(1, after))
    assert (frame.event, frame.change.deltas["invalid_kread_bytes"]) == ("change", -1)


def test_a_gap_keeps_what_was_known_with_its_reason_and_age():
    frames = run(
        sample(0, stats(dup("kvm", 5))),
        sample(1, stats(dup("kvm", 9))),
        gap(2),
        gap(5, "permission"),
        sample(6, stats(dup("kvm", 9))),
    )
    lost = frames[3]
    assert (lost.event, lost.gap.why.code, lost.gap_s) == ("gap", "permission", 3)
    assert row(lost, "kvm").count == 9 and row(lost, "kvm").recent == 0
    assert lost.wasted_rate is None
    assert (frames[4].event, frames[4].gap) == ("back", None)


def test_waiting_before_anything_was_read():
    first, second = run(gap(0), gap(3))
    assert first.block is None and second.gap.at.uptime == 0


def test_a_half_written_text_is_never_shown_as_a_loss():
    whole = stats(dup("a", 4), dup("b", 5))
    text = sample(0, whole).text
    tracker = Tracker()
    tracker.observe(sample(0, whole))
    for end in range(len(text)):
        frame = tracker.observe(sample(1 + end / 1000, text[:end], settled=False))
        if end == len(text) - 1:
            break  # all but the last newline: whole
        assert frame.block.stats == whole, text[:end]
        assert not any(row.fallen for row in frame.rows)
        assert frame.resets == 0
    frame = tracker.observe(sample(9, stats(dup("c", 1), dup("a", 4), dup("b", 5))))
    assert row(frame, "c").delta == 1 and frame.gap is None


def test_a_text_that_stays_half_is_taken_as_it_is():
    text = sample(0, stats(dup("a", 4), dup("b", 5))).text[:-30]
    *_, frame = run(sample(0, text, settled=False), sample(1, text, settled=True))
    assert frame.block is not None and frame.block.truncated


def test_a_text_without_statistics_is_a_gap_with_the_reason():
    *_, frame = run(sample(0, stats()), sample(1, b"nothing"))
    assert frame.gap.why.code == "not-stats" and frame.block is not None


def test_one_name_twice_gives_two_rows():
    *_, frame = run(
        sample(0, stats(dup("x", 1), dup("x", 2))), sample(1, stats(dup("x", 1), dup("x", 4)))
    )
    assert [row.count for row in frame.rows] == [1, 4]


def test_modules_that_keep_changing_their_names_stay_bounded():
    tracker = Tracker()
    for i in range(60):
        rows = [dup(f"m{i}_{j}", 1) for j in range(111)]
        frame = tracker.observe(sample(i, stats(*rows, failed_becoming=10_000 + i)))
    assert len(frame.rows) <= MAX_TRACKED


def series(name):
    text = b""
    for line in (SAMPLES / f"series/{name}.jsonl").read_text().splitlines()[1:]:
        entry = json.loads(line)
        text = entry["text"].encode() if "text" in entry else text
        yield Sample(Instant(entry["boottime_s"]), text)


@pytest.mark.parametrize("name", ["boot-udev-32cpu-noidem", "storm-moderate-noidem"])
def test_a_real_storm_adds_up(name):
    tracker, deltas, frame = Tracker(), 0, None
    for item in series(name):
        frame = tracker.observe(item)
        deltas += frame.change.deltas.get("failed_becoming", 0)
        assert frame.event in ("first", "same", "change")
    last = parse(item.text)[0].stats
    assert frame.since_start.deltas["failed_becoming"] == deltas == last.failed_becoming
    assert {r.module: r.count for r in frame.rows} == {d.module: d.times for d in last.duplicates}


def test_old_rows_that_come_into_view_are_neither_new_nor_growing():
    a, b, old = dup("a", 9), dup("b", 9), dup("old", 7)
    frames = run(
        sample(0, stats(a, b, failed_becoming=30)),
        sample(1, stats(a._replace(times=12), b, old, failed_becoming=33)),
        sample(2, stats(a._replace(times=12), b, old._replace(times=8), failed_becoming=34)),
    )
    seen = row(frames[1], "old")
    assert (seen.delta, seen.recent, seen.since_start, seen.first_seen) == (0, 0, 0, None)
    assert (row(frames[2], "old").delta, row(frames[2], "old").since_start) == (1, 1)


def test_a_row_that_fell_off_and_returns_unchanged_has_not_grown():
    a, b = dup("a", 500), dup("b", 2)
    *_, frame = run(
        sample(0, stats(b, a, failed_becoming=600)),
        sample(1, stats(b, failed_becoming=601)),
        sample(2, stats(b, a, failed_becoming=602)),
    )
    assert (row(frame, "a").delta, row(frame, "a").recent) == (0, 0)


def test_a_text_that_lacks_counters_is_never_compared():
    whole = stats(dup("kvm", 50), failed_load_modules=9, invalid_mod_bytes=9000)
    half = b"".join(sample(0, whole).text.splitlines(keepends=True)[:9])
    frames = run(sample(0, whole), sample(1, half), sample(2, whole), sample(3, half))
    assert [f.event for f in frames] == ["first", "gap", "back", "gap"]
    assert frames[3].gap.why.code == "incomplete" and frames[3].block.stats == whole
    frames = run(sample(0, half), sample(1, whole))
    assert frames[1].event == "first" and frames[1].rows[0].since_start == 0


def test_a_file_updated_once_a_minute_has_the_rate_of_a_minute():
    looks = [sample(s, stats(dup("kvm", 60)), fresh=s in (0, 60)) for s in range(1, 60)]
    *_, frame = run(sample(0, stats(dup("kvm", 60))), *looks, sample(60, stats(dup("kvm", 120))))
    assert (frame.delta_s, frame.wasted_rate) == (60, 1000)


def test_texts_that_come_in_one_piece_have_no_rate():
    *_, frame = run(sample(0, stats(dup("kvm", 1))), sample(0.00001, stats(dup("kvm", 9))))
    assert frame.wasted_rate is None and frame.rows[0].rate is None and frame.rows[0].delta == 8
