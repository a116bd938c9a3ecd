"""Recordings that nobody should trust: one sentence each, no hang, nothing beside them."""

import json
import os
import shutil
import sqlite3

import pytest
from support.command import kmodtop
from support.recordings import HERE, database, growth, texts
from support.samples import dup, sample, stats

from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder

# ---- only read -------------------------------------------------------------


def test_who_only_reads_leaves_nothing_behind_and_needs_no_right_to_write(recorded):
    folder = os.path.dirname(recorded)
    assert os.listdir(folder) == ["boot.db"]
    os.chmod(recorded, 0o400)
    os.chmod(folder, 0o500)
    try:
        done = kmodtop("report", recorded)
        assert done.returncode == 0, done.stderr
        assert os.listdir(folder) == ["boot.db"]
    finally:
        os.chmod(folder, 0o700)


def test_the_main_file_alone_of_a_running_recorder_is_a_recording(path, tmp_path):
    copy = str(tmp_path / "copy.db")
    with Recorder(path, "0") as recorder:
        shutil.copy(path, copy)
        assert kmodtop("report", copy).stderr.count(b"nothing has been read yet") == 1
        for second in range(12):
            recorder.write(sample(second, stats(dup("kvm", second + 1)), HERE))
        shutil.copy(path, copy)
    assert texts(copy)[-1].item.at.uptime >= 12 - 5


def test_a_wal_that_was_not_copied_is_named(path, tmp_path):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE boot (x)")
    copy = shutil.copy(path, str(tmp_path / "copy.db"))
    db.close()
    done = kmodtop("report", copy)
    assert done.returncode == 3 and b"ends in -wal" in done.stderr


def test_a_text_that_would_fill_a_disk_is_kept_as_its_statistics(path):
    huge = stats(dup("kvm", 1))
    text = b"noise\n" * 400_000 + sample(0, huge).text + b"\nnoise" * 100
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, text, HERE))
    (kept,) = texts(path)
    assert len(kept.item.text) < 10_000 and kept.run is not None


def test_a_recording_says_where_it_lies_and_how_to_look_at_it(tmp_path):
    path = tmp_path / "a b.db"
    done = kmodtop("record", "sim:guest-8", "-o", str(path), "--duration", "4")
    lines = done.stderr.decode().splitlines()
    assert lines[-1] == f"kmodtop: look at it with: kmodtop replay '{path}'"
    assert any("a storm of failures began" in line for line in lines)
    assert any("the storm had not ended when the recording did" in line for line in lines)
    assert json.loads(kmodtop("report", str(path), "--format", "json").stdout)


def test_a_recording_whose_recorder_was_killed_is_read_with_its_wal_and_nothing_is_left(tmp_path):
    path, kept = tmp_path / "boot.db", tmp_path / "kept"
    recorder = Recorder(str(path), "0")
    for item in growth(0, 3):
        recorder.write(item)
    kept.mkdir()
    for name in ("boot.db", "boot.db-wal"):  # the -shm is gone with the machine
        shutil.copy(tmp_path / name, kept)
    recorder.close()
    assert [k.item.at.uptime for k in texts(str(kept / "boot.db"))] == [0, 1, 2]
    assert sorted(os.listdir(kept)) == ["boot.db", "boot.db-wal"]


def test_a_transaction_that_can_not_be_ended_is_given_up(recorded, tmp_path):
    copy = str(tmp_path / "copy.db")
    with database(recorded) as db:
        db.execute("VACUUM INTO ?", (copy,))  # its journal is no -wal
    db.close()
    recorder = Recorder(copy, "0")
    assert recorder.recording.store.one("t", "PRAGMA journal_mode") == "wal"
    store = recorder.recording.store
    with pytest.raises(sqlite3.Error), store.writing():
        store.write("PRAGMA defer_foreign_keys = ON")
        store.write("INSERT INTO nowhere VALUES (1)")
    with store.writing():
        store.write("DELETE FROM gap")
    recorder.close()


def test_two_failures_in_a_row_do_not_part_a_boot(path):
    recorder = Recorder(path, "0")
    recorder.write(sample(0, stats(dup("kvm", 1))))
    other = sqlite3.connect(path, isolation_level=None)
    recorder.recording.store.db.execute("PRAGMA busy_timeout = 10")
    other.execute("BEGIN IMMEDIATE")
    for second in (1, 2, 3):
        with pytest.raises(sqlite3.Error):
            recorder.write(sample(second, stats(dup("kvm", second + 1))))
    other.execute("ROLLBACK")
    other.close()
    recorder.write(sample(4, stats(dup("kvm", 5))))
    recorder.close()
    recording = Recording(path)
    assert len(recording.boots()) == 1
    recording.close()
