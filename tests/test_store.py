"""Recordings that nobody should trust: one sentence each, no hang, nothing beside them."""

import json
import os
import shutil
import sqlite3
import stat

import pytest
from conftest import ROOT, dup, gap, sample, stats
from test_cli import kmodtop

from kmodtop.view.view import Choice, Situation
from kmodtop_core.errors import SourceError
from kmodtop_core.machine.folders import state_folder
from kmodtop_core.recording.file import open_to_read
from kmodtop_core.recording.place import Hold
from kmodtop_core.recording.player import Player
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.retrying import Sink, Waiting
from kmodtop_core.recording.tape import Tape
from kmodtop_core.sample import Host, Instant

HOST = Host("here", "6.12", 4, "boot-1")
CORPUS = sorted((ROOT / "tests/corpus").glob("*.db"))


class NoMachine:
    """Tells nothing."""

    def read(self, path):
        return None


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "boot.db")


@pytest.fixture
def recorded(path):
    """A recording of a storm, a gap and a second boot."""
    with Recorder(path, "0") as recorder:
        for second in range(30):
            recorder.write(sample(second, stats(dup("kvm", second + 1)), HOST))
        recorder.write(gap(31))
        recorder.write(sample(40, stats(dup("kvm", 40)), HOST))
        recorder.write(sample(3, stats(dup("new", 1)), HOST._replace(boot_id="boot-2")))
    return path


def texts(path):
    recording = Recording(path)
    found = [kept for boot in recording.boots() for kept in recording.kept(boot)]
    recording.close()
    return found


def changed(path, *statements):
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


EVIL = {
    "a view for a table": (
        "ALTER TABLE sample RENAME TO other",
        "CREATE VIEW sample AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n)"
        " SELECT x AS id FROM n",
    ),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON gap BEGIN DELETE FROM sample; END",),
    "a computed column": ("ALTER TABLE sample ADD COLUMN evil AS (id * 2)",),
    "a time beyond every calendar": ("UPDATE sample SET uptime = 1e300",),
    "a wall clock beyond it": ("UPDATE sample SET wall = -1e300",),
    "no number": ("UPDATE sample SET until = 9e999",),
    "a text for a time": ("UPDATE sample SET uptime = 'soon'",),
    "bytes for a host": ("UPDATE boot SET host = x'00ff'",),
    "no text": ("UPDATE sample SET data = 7",),
    "a dictionary that is not there": ("UPDATE sample SET base = 99999",),
    "a run that is not there": ("DELETE FROM sample WHERE id IN (SELECT id FROM run)",),
    "a reason that is no text": ("UPDATE gap SET code = 5",),
    "no counts": ("DELETE FROM growth",),
    "tables dropped": ("DROP TABLE storm", "DROP TABLE growth"),
}


@pytest.mark.parametrize("statements", EVIL.values(), ids=EVIL)
def test_what_an_enemy_put_in_ends_in_a_sentence_or_a_gap(recorded, statements, tmp_path):
    changed(recorded, *statements)
    for words in (
        ["report", recorded],
        ["report", recorded, "--format", "json"],
        ["export", recorded],
        ["diff", recorded, recorded],
    ):
        done = kmodtop(*words)
        assert done.returncode in (0, 3, 4), (words, done.stderr)
        assert b"Traceback" not in done.stderr and b"fault of kmodtop" not in done.stderr
        assert done.stderr.count(b"\n") <= 1
    try:
        recording = Recording(recorded)
        player = Player(Tape(recording, recording.boots()[0]))
        for moment in (0, 5, 17.5, 31, 35, 1e9):
            player.seek(moment)
            player.step(1)
            player.storm(-1)
            player.pass_time(5)
    except SourceError:
        pass
    try:
        with Recorder(recorded, "0") as recorder:
            recorder.write(sample(50, stats(dup("kvm", 50)), HOST))
    except SourceError:
        pass


@pytest.mark.parametrize("found", CORPUS, ids=lambda path: path.stem)
def test_what_attacks_have_found(found, tmp_path):
    copy = shutil.copy(found, tmp_path)
    for words in (["report"], ["export"], ["doctor"], ["record", "sim:quiet", "--duration", "0"]):
        where = ["-o", copy] if words[0] == "record" else [copy]
        done = kmodtop(*words, *where)
        assert done.returncode in (0, 3, 4)
        assert b"Traceback" not in done.stderr and b"fault of kmodtop" not in done.stderr


def test_a_question_without_end_is_given_up(recorded):
    store = open_to_read(recorded)
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    )
    with pytest.raises(SourceError, match="have no end"):
        store.one("i", endless)
    assert store._most < store._steps < 2 * store._most
    store.close()


@pytest.mark.parametrize("kind", ["a view", "a trigger"])
def test_what_could_do_more_than_hold_rows_is_refused_before_anything_is_asked(recorded, kind):
    changed(
        recorded,
        "CREATE VIEW v AS SELECT 1" if kind == "a view" else
        "CREATE TRIGGER t AFTER INSERT ON gap BEGIN SELECT 1; END",
    )  # fmt: skip
    for attempt in (lambda: Recording(recorded), lambda: Recorder(recorded, "0")):
        with pytest.raises(SourceError, match=f"it has {kind}, which no recording has"):
            attempt()


def test_an_old_recording_that_can_not_be_upgraded_is_a_sentence(recorded):
    changed(recorded, "PRAGMA user_version = 1", "DROP INDEX gap_time", "DROP TABLE gap")
    done = kmodtop("report", recorded)
    assert done.returncode == 3 and b"fault of kmodtop" not in done.stderr


def test_what_a_hostile_recording_says_of_its_boot_is_exported_harmlessly(recorded):
    changed(recorded, "UPDATE boot SET boot_id = 'a' || char(27) || '[2J'")
    assert b"\x1b" not in kmodtop("export", recorded, "--format", "csv").stdout


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
        recorder.write(sample(50, stats(dup("kvm", 50)), HOST))
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
    with sqlite3.connect(recorded) as db:
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
        recorder.write(sample(0, stats(), HOST))
        recorder.write(Gap(Instant(1.0), why))
    assert texts(path)[-1].item.why == why


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
            recorder.write(sample(second, stats(dup("kvm", second + 1)), HOST))
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


# ---- the place -------------------------------------------------------------


def test_a_recording_is_its_owners_and_nothing_else_is_left(path):
    before = os.umask(0o022)
    try:
        with Recorder(path, "0"):
            assert stat.S_IMODE(os.stat(f"{path}.lock").st_mode) == 0o600
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(os.path.dirname(path)) == ["boot.db"]
    other = f"{path}2"
    with Recorder(other, "0", mode=0o644):
        pass
    assert stat.S_IMODE(os.stat(other).st_mode) == 0o644


@pytest.mark.parametrize("make", [os.symlink, os.link], ids=["symlink", "hard link"])
def test_a_lock_that_leads_elsewhere_is_not_followed(path, tmp_path, make):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    make(victim, f"{path}.lock")
    with pytest.raises(SourceError, match=r"boot\.db\.lock"):
        Recorder(path, "0")
    assert victim.read_text() == "precious"


def test_one_recorder_at_a_time_and_the_next_after_it(path):
    mine = f"process {os.getpid()} records into it"
    with Recorder(path, "0"), pytest.raises(SourceError, match=mine):
        Recorder(path, "0")
    Hold(path).release()
    assert not os.path.exists(f"{path}.lock")


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "has no name"), ("/dev/null", "is no regular file"), ("{tmp}", "is a directory")],
)
def test_what_can_be_no_recording_is_refused_and_nothing_left_beside_it(name, says, tmp_path):
    done = kmodtop("record", "sim:quiet", "-o", name.format(tmp=tmp_path), "--duration", "0")
    assert done.returncode in (2, 3) and says in done.stderr.decode()
    assert not os.path.exists("/dev/null.lock") and os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", [":memory:", "a?mode=memory#b%20", "file:x"])
def test_odd_names_are_names_of_files(name, tmp_path):
    done = kmodtop("record", "sim:quiet", "-o", name, "--duration", "0.3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert os.listdir(tmp_path) == [name]


def test_two_slashes_name_no_host(tmp_path):
    with Recorder(f"/{tmp_path}/x.db", "0"):
        pass
    assert os.listdir(tmp_path) == ["x.db"]


def test_a_relative_state_folder_is_ignored():
    assert state_folder("/home/me", "rel") == "/home/me/.local/state/kmodtop"
    assert state_folder("/home/me", "/state") == "/state/kmodtop"


# ---- taken away, full, too large --------------------------------------------


@pytest.fixture
def told():
    return []


@pytest.fixture
def sink(path, told):
    return Sink(path, "0", told.append, NoMachine())


def growth(first, last):
    return [sample(n, stats(dup("kvm", n + 1)), HOST) for n in range(first, last)]


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
        waiting.add(sample(number, stats(dup("kvm", 1)), HOST))
    waiting.add(sample(50_000, stats(dup("kvm", 2)), HOST))
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
        sink.write(sample(number, stats(*rows, modcount=number), HOST))
    sink.close()
    assert os.path.getsize(path) <= 100 << 10
    kept = texts(path)
    assert kept[-1].item.at.uptime == 1499 and kept[0].item.at.uptime == 0


def test_a_text_that_would_fill_a_disk_is_kept_as_its_statistics(path):
    huge = stats(dup("kvm", 1))
    text = b"noise\n" * 400_000 + sample(0, huge).text + b"\nnoise" * 100
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, text, HOST))
    (kept,) = texts(path)
    assert len(kept.item.text) < 10_000 and kept.run is not None


def test_a_damaged_recording_that_is_recorded_into_is_told_to_the_reader(recorded, tmp_path):
    from kmodtop.session.tee import Tee

    changed(recorded, "UPDATE sample SET base = 99999 WHERE base IS NOT NULL")
    tee = Tee(recorded)
    tee.keep([sample(50, stats(dup("kvm", 50)), HOST)])
    tee.close()
    assert tee.failed and "nothing is recorded any more" in tee.told[-1]


def test_a_recording_says_where_it_lies_and_how_to_look_at_it(tmp_path):
    path = tmp_path / "a b.db"
    done = kmodtop("record", "sim:guest-8", "-o", str(path), "--duration", "4")
    lines = done.stderr.decode().splitlines()
    assert lines[-1] == f"kmodtop: look at it with: kmodtop replay '{path}'"
    assert any("a storm of failures began" in line for line in lines)
    assert any("the storm goes on as the recording ends" in line for line in lines)
    assert json.loads(kmodtop("report", str(path), "--format", "json").stdout)


def test_what_is_no_utf_8_of_a_host_is_spelt_out_and_kept(path):
    odd = Host("a\udcff", "6.\ud800", 4, "b")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(dup("kvm", 1)), odd))
    recording = Recording(path)
    assert recording.boots()[0].kernel == "6.\\ud800"
    recording.close()


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


def test_a_reason_that_no_kernel_has_is_shown_all_the_same(path):
    from kmodtop.view.panels import layout
    from kmodtop.view.view import Source, View

    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(dup("gone", 1)), HOST))
        recorder.write(sample(1, stats(dup("kvm", 2)), HOST))
        recorder.write(sample(2, stats(dup("kvm", 3)), HOST))
    changed(path, "UPDATE growth SET reason = 1 << 31")
    recording = Recording(path)
    player = Player(Tape(recording, recording.boots()[0]), 2.0)
    for name in ("gone", "kvm"):
        view = View(Situation(Source("x", "recording")), Choice(page="module", cursor=name))
        assert layout.screen(player.frame, player.past, view, 80, 24)
    recording.close()


def test_a_transaction_that_can_not_be_ended_is_given_up(recorded, tmp_path):
    copy = str(tmp_path / "copy.db")
    with sqlite3.connect(recorded) as db:
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


def test_a_file_system_without_modes_takes_a_recording_too(path, monkeypatch):
    def forbidden(fd, mode):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", forbidden)
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(), HOST))
    assert len(texts(path)) == 1


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
