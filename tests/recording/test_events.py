"""Events beside the texts: kept as they were heard, and told as of any moment."""

import json
from random import Random

import pytest
from support.command import kmodtop
from support.recordings import HOST, record
from support.samples import SAMPLES, dup, sample, stats

from kmodtop_core.diagnosis.boot import BootCase
from kmodtop_core.opening.playing import open_played
from kmodtop_core.recording.evidence import hear
from kmodtop_core.recording.growth import steps
from kmodtop_core.recording.past import RecordedPast
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder, in_memory
from kmodtop_core.recording.resume import copy_boot
from kmodtop_core.recording.retrying import Waiting
from kmodtop_core.recording.upkeep import thin
from kmodtop_core.sample import Events, Instant

LINE = "%16s-%-7d [000] ..... %12.6f: %s\n"


def events(at, data=b"a line\n", piece="trace.txt"):
    return Events(Instant(at), piece, data)


def heard(recording, boot=0):
    return [e for _, e in recording.heard(recording.boots()[boot])]


def test_what_is_heard_is_kept_in_order_as_it_was(tmp_path):
    path = str(tmp_path / "r.db")
    parts = [events(1.0), events(1.5, b"\xff\x00 raw\n"), events(2.0, b"{}\n", "opens.jsonl")]
    record(path, sample(0, stats(), HOST), *parts, sample(2, stats(dup("kvm", 1)), HOST))
    assert heard(Recording(path)) == parts


def test_what_is_heard_before_the_first_text_waits_for_it(tmp_path):
    path = str(tmp_path / "r.db")
    record(path, events(0.5), sample(1, stats(), HOST))
    assert heard(Recording(path)) == [events(0.5)]


def test_a_long_part_is_split_between_two_lines():
    recorder = in_memory("1")
    recorder.write(sample(0, stats(), HOST))
    data = b"".join(b"%0999d\n" % n for n in range(3000))
    recorder.write(events(1.0, data))
    parts = [e.data for e in heard(recorder.recording)]
    assert len(parts) > 1 and b"".join(parts) == data
    assert all(part.endswith(b"\n") for part in parts)


def test_parts_that_are_damaged_or_have_odd_names_are_left_out():
    recorder = in_memory("1")
    recorder.write(sample(0, stats(), HOST))
    recorder.write(events(1.0))
    store = recorder.recording.store
    boot = recorder.boot.id
    hear(store, boot, events(2.0, b"x", "../../etc/passwd"))
    for data in (b"no zlib", b""):
        store.write("INSERT INTO event (boot, uptime, piece, data) VALUES (?, 3, 'trace.txt', ?)",
                    (boot, data))  # fmt: skip
    assert heard(recorder.recording) == [events(1.0)]


def test_a_live_view_takes_events_over_with_the_boot(tmp_path):
    path = str(tmp_path / "r.db")
    record(path, sample(0, stats(), HOST), events(1.0))
    old, session = Recording(path), in_memory("1")
    copy_boot(old, old.boots()[0], session.recording)
    assert heard(session.recording) == [events(1.0)]


def test_where_events_are_the_larger_part_their_older_half_goes_first(tmp_path):
    recorder = Recorder(str(tmp_path / "r.db"), "1")
    for n in range(40):
        recorder.write(sample(n, stats(dup("kvm", n + 1)), HOST))
        recorder.write(events(n, Random(n).randbytes(30_000)))
    texts = recorder.recording.counts(recorder.boot)[0]
    assert thin(recorder.recording.store, recorder.boot.id)
    left = heard(recorder.recording)
    assert 15 < len(left) < 25 and left[-1].at.uptime == 39
    assert recorder.recording.counts(recorder.boot)[0] == texts
    recorder.close()


def test_events_wait_for_a_disk_that_is_full_and_none_is_taken_for_another():
    waiting = Waiting(1 << 20)
    for _ in range(3):
        waiting.add(events(1.0))
    assert len(waiting) == 3 and waiting.lost == 0


def dup_line(at, comm="fl", pid=9):
    event = f'dup: (try_add_failed_module+0x4/0xc0) name="kvm" reason=0 comm="{comm}"'
    return (LINE % (comm, pid, at, event)).encode()


def test_who_asked_is_told_as_of_the_moment_that_is_shown():
    recorder = in_memory("1")
    recorder.write(sample(0, stats(), HOST))
    for at in (1, 2, 3):
        recorder.write(events(at, dup_line(at - 0.5)))
        recorder.write(sample(at, stats(dup("kvm", at)), HOST))
    case = BootCase(recorder.recording, recorder.boot)
    assert [len(case.at(at).heard.told.failed) for at in (1.2, 3.2, 2.2)] == [1, 3, 2]
    assert case.at(3.2).heard.traced.is_equal


@pytest.mark.parametrize("words", [["report", "{}"], ["collect", "{}", "-o", "{}.zip"]])
def test_a_recording_tells_elsewhere_what_was_told_here(tmp_path, words):
    path = str(tmp_path / "r.db")
    record(
        path,
        sample(0, stats(), HOST),
        events(1, dup_line(0.5)),
        sample(1, stats(dup("kvm", 1)), HOST),
    )
    done = kmodtop(*(word.format(path) for word in words))
    assert done.returncode == 0, done.stderr
    source = path if words[0] == "report" else f"{path}.zip"
    found = json.loads(kmodtop("report", source, "--format", "json").stdout)
    assert [(r["requester"], r["confidence"]) for r in found["requesters"]] == [("fl", "certain")]


def test_a_boot_that_was_counted_becomes_a_list_of_events(tmp_path):
    listing = str(tmp_path / "e.json")
    done = kmodtop(
        "export", str(SAMPLES / "stock/bookworm-4cpu"), "--format", "events", "-o", listing
    )
    assert done.returncode == 0, done.stderr
    text = kmodtop("simulate", "--events", listing).stdout.decode()
    assert "Mods failed on load\t52" in text and "Failed kmod bytes\t8822632" in text
    done = kmodtop("export", str(SAMPLES / "who/a_udev"), "--format", "events")
    assert done.returncode == 4 and b"was not counted from a trace" in done.stderr


def test_what_kmodtop_counted_has_a_past_and_steps_though_it_lacks_counters():
    recording = open_played(str(SAMPLES / "stock/bookworm-4cpu"), "1")
    boot = recording.boots()[0]
    first = recording.first_sample(boot)
    past = RecordedPast(recording.store, boot.id, first.item.at.uptime)
    past.add(4.0, None)
    assert past.at([0.5, 3.5]) != [None, None] and past.at([3.5])[0][-1] > 0
    found = list(steps(recording.store, boot, first.run, float("inf")))
    assert found[-1].stats.failed_load_modules == 52
    missing = recording.store.one("I", "SELECT max(total_mod_size) FROM sample")
    assert missing is None  # unknown to who asks with SQL, too


def test_a_bundle_has_the_trace_that_was_kept_and_what_was_heard_after_it(tmp_path):
    path = str(tmp_path / "r.db")
    with Recorder(path, "1") as recorder:
        recorder.write(sample(0, stats(), HOST))
        recorder.keep({"trace.txt": dup_line(0.5)})
        for at in (0.5, 1.5):
            recorder.write(events(at, dup_line(at)))
        recorder.write(sample(2, stats(dup("kvm", 2)), HOST))
    assert kmodtop("collect", path, "-o", f"{path}.zip").returncode == 0
    for source in (path, f"{path}.zip"):
        found = json.loads(kmodtop("report", source, "--format", "json").stdout)
        (fl,) = found["requesters"]
        assert (fl["duplicates"], fl["confidence"]) == (2, "certain")
