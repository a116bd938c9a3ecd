"""Evidence beside the texts of a recording, and growth out of its index."""

from support.recordings import HERE, HOST, STORM, changed, database, record
from support.samples import dup, sample, stats

from kmodtop_core.diagnosis.boot import BootCase
from kmodtop_core.opening.playing import open_played
from kmodtop_core.recording.evidence import MOST_PIECE
from kmodtop_core.recording.growth import last_text, spans, steps
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.resume import copy_boot
from kmodtop_core.stats.parse import parse


def kept(path):
    recording = Recording(path)
    found = [recording.evidence(boot) for boot in recording.boots()]
    recording.close()
    return found


def test_pieces_are_kept_for_each_boot_the_last_of_a_name(tmp_path):
    path = str(tmp_path / "r.db")
    with Recorder(path, "0") as recorder:
        recorder.keep({"meta.json": b"before any text"})
        recorder.write(sample(0, stats(dup("kvm", 1)), HERE))
        recorder.keep({"meta.json": b"old", "kmsg.txt": b"x"})
        recorder.keep({"meta.json": b"new"})
        recorder.write(sample(1, stats(dup("kvm", 1)), HOST))
        recorder.keep({"sizes.json": b"{}"})
    assert kept(path) == [{"kmsg.txt": b"x", "meta.json": b"new"}, {"sizes.json": b"{}"}]


def test_of_what_is_too_long_the_end_is_kept(tmp_path):
    path = str(tmp_path / "r.db")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(), HERE))
        recorder.keep({"kmsg.txt": b"a" * MOST_PIECE + b"end"})
    assert kept(path)[0]["kmsg.txt"].endswith(b"end")
    assert len(kept(path)[0]["kmsg.txt"]) == MOST_PIECE


def test_older_recordings_have_none(tmp_path):
    path = str(tmp_path / "r.db")
    record(path, sample(0, stats(dup("kvm", 1)), HERE))
    changed(path, "PRAGMA user_version = 3", "DROP TABLE evidence")
    assert kept(path) == [{}]
    record(path, sample(5, stats(dup("kvm", 2)), HERE))
    assert kept(path) == [{}]


def test_a_damaged_piece_is_as_good_as_none(tmp_path):
    path = str(tmp_path / "r.db")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(), HERE))
        recorder.keep({"kmsg.txt": b"x", "meta.json": b"{}"})
    with database(path) as db:
        db.execute("UPDATE evidence SET data = x'00' WHERE name = 'kmsg.txt'")
    db.close()
    assert kept(path) == [{"meta.json": b"{}"}]


def test_nobody_can_say_that_it_was_simulated(tmp_path):
    path = str(tmp_path / "r.db")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(dup("kvm", 9)), HERE))
        recorder.keep({"simulated.json": b'{"kvm": ["udev"]}'})
    recording = Recording(path)
    assert BootCase(recording, recording.boots()[0]).evidence.simulated == {}
    recording.close()


def test_a_boot_is_taken_over_with_its_evidence(tmp_path):
    path = str(tmp_path / "r.db")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(), HERE))
        recorder.keep({"kmsg.txt": b"x"})
    old, new = Recording(path), Recorder(str(tmp_path / "n.db"), "0")
    copy_boot(old, old.boots()[0], new.recording)
    assert new.recording.evidence(new.recording.boots()[0]) == {"kmsg.txt": b"x"}
    old.close()
    new.close()


# ---- growth ------------------------------------------------------------------


def test_steps_are_the_texts_at_which_something_failed():
    recording = open_played(str(STORM), "0")
    boot = recording.boots()[0]
    _, run = last_text(recording.store, boot.id, 1e9)
    counts = {}
    found = list(steps(recording.store, boot, run, 1e9))
    for step in found:
        counts |= {row.module: row.times for row in step.changed}
    last = recording.last_sample(boot, 1e9, accepted=True)
    block = parse(last.item.text)[-1]
    assert counts == {row.module: row.times for row in block.stats.duplicates}
    assert found[-1].stats.failures == block.stats.failures
    assert found[-1].stats.invalid_mod_bytes == block.stats.invalid_mod_bytes
    half = len(found) // 2
    begun = list(steps(recording.store, boot, run, found[half].uptime))
    rest = list(steps(recording.store, boot, run, 1e9, begun[-1].id))
    assert [s.id for s in begun + rest] == [s.id for s in found]


def test_spans_are_in_the_order_of_first_failure(tmp_path):
    path = str(tmp_path / "r.db")
    record(
        path,
        sample(0, stats(), HERE),
        sample(1, stats(dup("a", 1)), HERE),
        sample(2, stats(dup("c", 4), dup("b", 1), dup("a", 1)), HERE),
        sample(3, stats(dup("c", 4), dup("b", 9), dup("a", 1)), HERE),
    )
    recording = Recording(path)
    (storm,) = recording.storms(recording.boots()[0])
    found = spans(recording.store, storm)
    assert [(s.module, s.first, s.last, s.times) for s in found] == [
        ("a", 1, 1, 1), ("b", 2, 3, 9), ("c", 2, 2, 4),
    ]  # fmt: skip
    recording.close()


def test_a_boot_that_is_forgotten_leaves_no_evidence(tmp_path):
    path = str(tmp_path / "r.db")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(), HERE))
        recorder.keep({"kmsg.txt": bytes(range(256)) * 400})
        recorder.write(sample(1, stats(), HOST))
        recorder.shrink(1)
        left = recorder.recording.store.one("i", "SELECT count(*) FROM evidence")
        assert left == 0 and len(recorder.recording.boots()) == 1
