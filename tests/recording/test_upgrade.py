"""Older schemas."""

import json
import sqlite3
import zlib

import pytest
from support.command import kmodtop
from support.recordings import HERE, HOST, changed, database, record, replayed, texts
from support.samples import dup, sample, stats
from support.terminal import Terminal

from kmodtop_core.errors import SourceError
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sample import Instant


def test_an_interrupted_upgrade_is_gone_on_with(recorded):
    changed(
        recorded,
        "PRAGMA user_version = 1",
        "ALTER TABLE sample DROP COLUMN invalid_mod_bytes",
        "ALTER TABLE gap DROP COLUMN subject",
        "DROP TABLE warning",
        "DROP INDEX gap_time",
    )
    before = len(texts(recorded))
    with Recorder(recorded, "0") as recorder:
        recorder.write(sample(50, stats(dup("kvm", 50)), HERE))
    assert len(texts(recorded)) == before + 1
    assert kmodtop("report", recorded).returncode == 0


def test_an_upgrade_is_made_whole_or_not_at_all(recorded, monkeypatch):
    changed(recorded, "PRAGMA user_version = 1", "ALTER TABLE gap DROP COLUMN subject")
    with open(recorded, "rb") as file:
        before = file.read()

    def interrupted(recording):
        raise sqlite3.OperationalError("the power failed")

    monkeypatch.setattr("kmodtop_core.recording.upgrade.make_index", interrupted)
    with pytest.raises(SourceError, match="the power failed"):
        Recorder(recorded, "0")
    monkeypatch.undo()
    changed(recorded)
    with database(recorded) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert "subject" not in str(db.execute("SELECT sql FROM sqlite_master").fetchall())
    db.close()
    assert before


def test_a_schema_of_yesterday_is_read_as_it_is_and_its_gaps_have_their_sentence(recorded):
    changed(recorded, "PRAGMA user_version = 2", *(
        f"ALTER TABLE gap DROP COLUMN {name}" for name in ("what", "fix", "subject")
    ))  # fmt: skip
    (kept,) = [k for k in texts(recorded) if k.run is None]
    assert kept.item.why.sentence == "missing: gone; wait"


def test_a_gap_comes_back_with_its_parts(path):
    from kmodtop_core.errors import Trouble
    from kmodtop_core.sample import Gap

    why = Trouble("missing", "no such file", "check the path", "/x")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(), HERE))
        recorder.write(Gap(Instant(1.0), why))
    assert texts(path)[-1].item.why == why


def test_an_older_recording_opens_and_is_gone_on_with(path):
    old_schema(path)
    assert [item.text for item in replayed(path)] == [sample(0, stats(dup("kvm", 2))).text] * 2
    before = kmodtop("report", path, "--format", "json").stdout
    assert json.loads(before)["recording"]["ended_s"] == 9
    with Terminal("replay", path) as terminal:
        terminal.until(r"kvm .* 2 ")
    record(path, sample(20, stats(dup("kvm", 5)), HOST))
    report = json.loads(kmodtop("report", path, "--format", "json").stdout)
    assert report["recording"]["storms"][0]["failures"] == 3
    recording = Recording(path)
    assert recording.store.one("i", "PRAGMA user_version") == 5
    recording.close()


def old_schema(path):
    """A recording as the first version wrote it."""
    text = sample(0, stats(dup("kvm", 2))).text
    with database(path) as db:
        db.executescript(
            "PRAGMA application_id = 1802334052; PRAGMA user_version = 1;"
            "CREATE TABLE boot (id INTEGER PRIMARY KEY, boot_id TEXT, host TEXT, kernel TEXT,"
            " cpus INTEGER, cmdline TEXT, version TEXT, wall REAL, uptime REAL);"
            "CREATE TABLE sample (id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boot,"
            " uptime REAL NOT NULL, wall REAL, until REAL NOT NULL, size INTEGER NOT NULL,"
            " base INTEGER, data BLOB NOT NULL);"
            "CREATE INDEX sample_time ON sample (boot, uptime);"
            "CREATE TABLE gap (id INTEGER PRIMARY KEY, boot INTEGER REFERENCES boot,"
            " uptime REAL NOT NULL, wall REAL, until REAL NOT NULL, code TEXT NOT NULL,"
            " sentence TEXT NOT NULL);"
        )
        db.execute(
            "INSERT INTO boot VALUES (1, 'b-1', 'big', '6.12.9', 255, '', '0.1', 1700000003, 3)"
        )
        db.execute(
            "INSERT INTO sample VALUES (1, 1, 3, 1700000003, 9, ?, NULL, ?)",
            (len(text), zlib.compress(text)),
        )
    db.close()
