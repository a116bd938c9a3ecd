"""Recordings that are taken away, full, or too large."""

import os
import sqlite3

from support.command import kmodtop
from support.recordings import HERE, NoMachine, growth, texts
from support.samples import dup, sample, stats

from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.retrying import Sink, Waiting
from kmodtop_core.sample import Host


def test_a_recording_that_is_deleted_is_written_anew_with_all_it_had(path, sink, told):
    for item in growth(0, 5):
        sink.write(item)
    os.unlink(path)
    for item in growth(5, 9):
        sink.write(item)
    sink.close()
    assert [kept.item.at.uptime for kept in texts(path)] == list(range(9))
    assert "was deleted while it was written; all it had goes into a new one" in told[0]


def test_a_recording_that_is_moved_keeps_what_it_had_and_a_new_one_goes_on(path, sink, told):
    for item in growth(0, 5):
        sink.write(item)
    os.rename(path, f"{path}.1")
    for item in growth(5, 9):
        sink.write(item)
    sink.close()
    assert [kept.item.at.uptime for kept in texts(f"{path}.1")] == list(range(5))
    assert [kept.item.at.uptime for kept in texts(path)] == list(range(5, 9))
    assert "was moved" in told[0]


def test_one_that_is_taken_away_at_the_very_end_is_noticed_too(path, sink, told):
    for item in growth(0, 3):
        sink.write(item)
    os.unlink(path)
    sink.close()
    assert len(texts(path)) == 3 and told


def test_what_waits_is_written_at_close(path, told, monkeypatch):
    sink = Sink(path, "0", told.append, NoMachine())
    recorder = sink._open()
    write = recorder.write
    monkeypatch.setattr(recorder, "write", lambda item: (_ for _ in ()).throw(
        sqlite3.OperationalError("database or disk is full")))  # fmt: skip
    for item in growth(0, 4):
        sink.write(item)
    assert len(told) == 1 and "database or disk is full" in told[0]
    monkeypatch.setattr(recorder, "write", write)
    sink.close()
    assert len(texts(path)) == 4 and sink.lost == 0


def test_what_waits_is_bounded_in_bytes_and_what_is_lost_is_counted():
    waiting = Waiting(100_000)
    for number in range(1000):
        waiting.add(sample(number, b"x" * 900 + b"%d" % number))
    assert len(waiting) == 66
    assert waiting.lost == 1000 - 66
    assert waiting.first().at.uptime == 934


def test_of_waiting_readings_that_found_nothing_new_the_first_and_the_last_are_kept():
    waiting = Waiting(1 << 20)
    for number in range(50_000):
        waiting.add(sample(number, stats(dup("kvm", 1)), HERE))
    waiting.add(sample(50_000, stats(dup("kvm", 2)), HERE))
    kept = []
    while len(waiting):
        kept.append(waiting.first().at.uptime)
        waiting.done()
    assert kept == [0, 49_999, 50_000] and waiting.lost == 0


def test_lost_readings_end_in_an_exit_status_that_says_so(tmp_path):
    folder = tmp_path / "full"
    folder.mkdir()
    code = (
        "import sys; from kmodtop_core.recording import retrying; retrying._MOST_WAITING = 1\n"
        "import sqlite3; from kmodtop_core.recording.recorder import Recorder\n"
        "def full(self, item): raise sqlite3.OperationalError('database or disk is full')\n"
        "Recorder.write = full\n"
        "from kmodtop.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ("record", "sim:quiet", "-o", str(folder / "x"), "--duration", "0.5")
    done = kmodtop(*words, program=("-c", code))
    assert done.returncode == 3 and b"readings are lost" in done.stderr


def test_the_largest_size_holds_with_one_boot_too(path, told):
    sink = Sink(path, "0", told.append, NoMachine(), most=100 << 10)
    for number in range(1500):
        rows = [dup(f"module_{k:03}", number + k * 7) for k in range(60)]
        sink.write(sample(number, stats(*rows, modcount=number), HERE))
    sink.close()
    assert os.path.getsize(path) <= 100 << 10
    kept = texts(path)
    assert kept[-1].item.at.uptime == 1499 and kept[0].item.at.uptime == 0


def test_another_recording_that_is_moved_over_it_is_not_touched_by_what_was_waiting(
    path, sink, told, tmp_path
):
    other = str(tmp_path / "other.db")
    with Recorder(other, "0") as recorder:
        recorder.write(sample(0, stats(dup("precious", 7)), Host("o", "6.1", 2, "other-boot")))
    for item in growth(0, 5):
        sink.write(item)
    os.rename(other, path)
    for item in growth(5, 9):
        sink.write(item)
    sink.close()
    recording = Recording(path)
    boots = {boot.boot_id: boot for boot in recording.boots()}
    (kept,) = recording.kept(boots["other-boot"])
    assert b"precious" in kept.item.text and "boot-1" in boots
    recording.close()
    assert os.listdir(tmp_path) == ["boot.db"] and told


def test_one_that_is_emptied_is_begun_anew(path, sink, told):
    for item in growth(0, 5):
        sink.write(item)
    os.truncate(path, 0)
    for item in growth(5, 9):
        sink.write(item)
    sink.close()
    assert [kept.item.at.uptime for kept in texts(path)] == [5, 6, 7, 8]
    assert "was emptied while it was written" in told[0]
