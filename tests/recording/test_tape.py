"""Tapes: any moment of a recording looks as it did live."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import SAMPLES, dup, gap, sample, stats

from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.recording.tape import Tape
from kmodtop_core.sample import Host
from kmodtop_core.sources.series import read_series
from kmodtop_core.stats.parse import parse
from kmodtop_core.tracking.tracker import Tracker

SERIES = sorted((SAMPLES / "series").glob("*.jsonl"))
HOST = Host("big", "6.12.9", 255, "b-1")


def taped(items):
    """(tape, live frames) of the items."""
    recorder, live = in_memory("0"), Tracker()
    frames = []
    for item in items:
        recorder.write(item)
        frames.append(live.observe(item))
    recorder.note_stay()
    return Tape(recorder.recording, recorder.recording.boots()[0]), frames


def told(frame):
    """All that a frame tells, besides the history."""
    rows = [r for r in frame.rows if not r.fallen]
    fallen = sorted((r for r in frame.rows if r.fallen), key=repr)
    return {
        "at": frame.at.uptime,
        "now": pytest.approx(frame.now),
        "event": frame.event,
        "block": frame.block,
        "taken": pytest.approx(frame.taken),
        "change": frame.change,
        "delta_s": None if frame.delta_s is None else pytest.approx(frame.delta_s),
        "recent": frame.recent,
        "rate": None if frame.wasted_rate is None else pytest.approx(frame.wasted_rate),
        "since_start": frame.since_start,
        "rows": [about(r) for r in rows],
        "fallen": [about(r)[:2] for r in fallen],
        "warnings": frame.warnings,
        "gap": frame.gap and (frame.gap.why, frame.gap.at.uptime),
        "resets": frame.resets,
    }


def about(row):
    times = tuple(
        None if x is None else pytest.approx(x)
        for x in (row.rate or None, row.first_seen, row.last_grew)
    )
    return (row.module, row.count, row.reason, row.delta, row.recent, row.since_start, times)


@pytest.mark.parametrize("path", SERIES, ids=lambda p: p.stem)
def test_each_moment_of_a_real_series_is_as_it_was_live(path):
    items = read_series(path.read_bytes(), "x")
    tape, frames = taped(items)
    for frame in frames[:: max(1, len(frames) // 150)]:
        again = tape.tracker(frame.at.uptime).latest
        assert told(again) == told(frame)


@pytest.mark.parametrize("path", SERIES, ids=lambda p: p.stem)
def test_the_trend_of_a_moment_is_as_it_was_live(path):
    items = read_series(path.read_bytes(), "x")
    tape, _frames = taped(items)
    live = Tracker()
    for n, item in enumerate(items):
        frame = live.observe(item)
        if n % max(1, len(items) // 20):
            continue
        there = tape.tracker(item.at.uptime)
        again = there.latest
        moments = [frame.now * k / 60 for k in range(60)]
        top = max((sum(v[:4]) for v in live.history.at(moments) if v), default=0.0)
        for old, new in zip(live.history.at(moments), there.history.at(moments), strict=True):
            assert (old is None) == (new is None)
            if old and new:
                # Live points are merged within 0.1 s.
                assert new[:4] == pytest.approx(old[:4], abs=top / 4 + 1)
        for row in frame.rows[:5]:
            assert there.history.counts(row.module, [again.now]) == [row.count]


def steps():
    """A source's life: counts that grow, rows that fall off, gaps, resets, texts that are none."""
    row = st.tuples(st.sampled_from("abcdef"), st.integers(0, 3))
    kinds = st.sampled_from(["text"] * 8 + ["same"] * 3 + ["gap", "reset", "junk", "half"])
    return st.lists(
        st.tuples(kinds, st.lists(row, max_size=4), st.sampled_from([0.125, 0.5, 1, 3]))
    )


def life(plan):
    at, counts, modcount = 0.0, {}, 5
    yield sample(at, stats(), HOST)
    last = sample(at, stats(), HOST)
    for kind, rows, wait in plan:
        at += wait
        if kind == "gap":
            yield gap(at)
            continue
        if kind == "reset":
            counts, modcount = {}, 1
        for name, more in rows:
            counts[name] = counts.get(name, 0) + more
        shown = [dup(name, n) for name, n in reversed(counts.items()) if n]
        whole = stats(*shown[:4], modcount=modcount, failed_becoming=sum(counts.values()))
        text = {"junk": b"hello"}.get(kind, sample(at, whole).text)
        if kind == "half":
            yield sample(at, text[: len(text) // 2], HOST, settled=False)
        elif kind == "same":
            yield last._replace(at=sample(at, b"").at)
        else:
            last = sample(at, text, HOST)
            yield last


@settings(max_examples=150, deadline=None)
@given(steps(), st.integers(0, 1000))
def test_any_moment_of_any_life_is_as_it_was_live(plan, which):
    items = list(life(plan))
    tape, frames = taped(items)
    if not tape.recording.boots():
        return
    frame = frames[which % len(frames)]
    again = tape.tracker(frame.at.uptime).latest
    assert told(again) == told(frame)


def test_seeks_from_one_change_to_the_next_and_to_storms():
    texts = [(0, 0), (1, 0), (2, 5), (3, 9), (40, 9), (60, 30)]
    tape, _ = taped([sample(t, stats(dup("kvm", n + 1)), HOST) for t, n in texts])
    assert [tape.next_change(t) for t in (0, 2, 3, 60)] == [2, 3, 60, None]
    assert [tape.last_change(t) for t in (60, 3, 2, 0)] == [3, 2, 0, None]
    assert [tape.next_storm(t) for t in (0, 2, 60)] == [2, 60, None]
    assert [tape.last_storm(t) for t in (100, 60, 3, 2)] == [60, 2, 2, None]
    storms = tape.recording.storms(tape.boot)
    assert [(s.began, s.ended, s.failures, s.wasted) for s in storms] == [
        (2, 3, 9, 9000), (60, 60, 21, 21000),
    ]  # fmt: skip


def test_where_nobody_was_recording_nothing_is_known():
    tape, _ = taped([sample(0, stats(), HOST), sample(100, stats(dup("a", 1)), HOST)])
    frame = tape.tracker(50).latest
    assert frame.gap is not None and "nobody was recording" in frame.gap.why.sentence
    assert tape.tracker(3).latest.gap is None


def test_a_recorder_that_starts_next_goes_on_where_the_other_was(tmp_path):
    from kmodtop_core.recording.reading import Recording
    from kmodtop_core.recording.recorder import Recorder

    items = [
        *(sample(n, stats(dup("kvm", n + 1)), HOST) for n in range(5)),
        *(sample(n, stats(dup("new", 2), dup("kvm", n + 1)), HOST) for n in range(5, 9)),
    ]
    live, path = Tracker(), str(tmp_path / "r")
    for item in items:
        frame = live.observe(item)
        with Recorder(path, "0") as recorder:
            again = recorder.observe(item)
        if item is not items[0]:
            assert told(again) == told(frame)
    recording = Recording(path)
    assert recording.store.one("i", "SELECT count(*) FROM run") == 1
    assert told(Tape(recording, recording.boots()[0]).tracker(8).latest) == told(frame)
    recording.close()


def test_a_person_can_ask_it_with_sql():
    tape, _ = taped([sample(n, stats(dup("kvm", n + 1), modcount=n), HOST) for n in range(3)])
    rows = tape.recording.store.db.execute(
        "SELECT s.uptime, s.failed_becoming, m.name, g.count FROM growth g"
        " JOIN module m ON m.id = g.module JOIN sample s ON s.id = g.sample ORDER BY s.id"
    ).fetchall()
    assert rows == [(0, 1, b"kvm", 1), (1, 2, b"kvm", 2), (2, 3, b"kvm", 3)]


def test_hostile_numbers_are_kept():
    big = stats(dup("x", 1 << 63), invalid_becoming_bytes=(1 << 64) - 9)
    tape, frames = taped([sample(0, stats(), HOST), sample(1, big, HOST), sample(2, big, HOST)])
    assert told(tape.tracker(2).latest) == told(frames[2])
    assert tape.tracker(2).history.at([2])[0][2] == (1 << 64) - 9


def test_the_past_is_thinned_when_there_is_too_much_of_it():
    noise = random.Random(3).randbytes
    recorder, live = in_memory("0"), Tracker()
    for n in range(600):
        names = [dup(noise(8).hex(), 1) for _ in range(n % 9)]
        item = sample(n, stats(*names, dup("always", n + 1), modcount=n), HOST)
        recorder.write(item)
        frame = live.observe(item)
        recorder.thin(120_000)
    assert recorder.recording.store.size() < 400_000
    tape = Tape(recorder.recording, recorder.recording.boots()[0])
    again = tape.tracker(599).latest
    assert [(r.module, r.count, r.last_grew) for r in again.rows if not r.fallen] == [
        (r.module, r.count, r.last_grew) for r in frame.rows if not r.fallen
    ]
    left = [kept.item.at.uptime for kept in tape.recording.kept(tape.boot)]
    assert left[0] == 0 and left[-1] == 599 and len(left) < 400
    for at in left[1::20]:
        assert tape.tracker(at).latest.block.stats.modcount == at
    assert tape.next_change(0) == left[1]


def test_the_past_of_a_moment_tells_nothing_of_what_came_later():
    tape, _ = taped([sample(n, stats(dup("kvm", n + 1))) for n in range(11)])
    past = tape.tracker(5).history
    assert [value is None for value in past.at([0, 4.5, 5, 5.5, 9])] == [False] * 3 + [True] * 2
    assert past.counts("kvm", [4, 5]) == [5, 6]


def test_counts_and_values_of_any_moments_are_those_of_the_texts():
    chance, counts, texts = random.Random(4), {"a": 1, "b": 3}, []
    for second in range(300):
        if chance.random() < 0.4:
            counts[chance.choice("ab")] += chance.randrange(1, 4)
        if second == 150:
            counts["c"] = 1
        rows = [dup(name, count) for name, count in reversed(counts.items())]
        texts.append(sample(second, stats(*rows), HOST))
    tape, _ = taped(texts)
    past = tape.past()
    past.add(299.0, None)
    moments = sorted(chance.uniform(0, 299) for _ in range(200))
    for name in "abc":
        known = [_count(texts[int(at)].text, name) for at in moments]
        assert past.counts(name, moments) == known
    together = past.at(moments)
    assert together == [past.at([at])[0] for at in moments]
    whole = past.at([float(second) for second in range(300)])
    assert [values[4] for values in whole] == [
        parse(text.text)[-1].stats.failed_requests for text in texts
    ]


def _count(text, name):
    table = {row.module: row.times for row in parse(text)[-1].stats.duplicates}
    return table.get(name)
