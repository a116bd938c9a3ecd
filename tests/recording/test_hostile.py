"""What an enemy, or a disk, has done to a recording."""

import shutil

import pytest
from support.command import kmodtop
from support.recordings import HERE, changed
from support.samples import ROOT, dup, sample, stats

from kmodtop.view.view import Choice, Situation
from kmodtop_core.errors import SourceError
from kmodtop_core.recording.file import open_to_read
from kmodtop_core.recording.player import Player
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.tape import Tape
from kmodtop_core.sample import Host

CORPUS = sorted((ROOT / "tests/corpus").glob("*.db"))


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
            recorder.write(sample(50, stats(dup("kvm", 50)), HERE))
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


def test_a_damaged_recording_that_is_recorded_into_is_told_to_the_reader(recorded, tmp_path):
    from kmodtop.session.tee import Tee

    changed(recorded, "UPDATE sample SET base = 99999 WHERE base IS NOT NULL")
    tee = Tee(recorded)
    tee.keep([sample(50, stats(dup("kvm", 50)), HERE)])
    tee.close()
    assert tee.failed and "nothing is recorded any more" in tee.told[-1]


def test_what_is_no_utf_8_of_a_host_is_spelt_out_and_kept(path):
    odd = Host("a\udcff", "6.\ud800", 4, "b")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(dup("kvm", 1)), odd))
    recording = Recording(path)
    assert recording.boots()[0].kernel == "6.\\ud800"
    recording.close()


def test_a_reason_that_no_kernel_has_is_shown_all_the_same(path):
    from kmodtop.view.panels.screen import screen as composed
    from kmodtop.view.scene import Scene
    from kmodtop.view.view import Source, View

    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(dup("gone", 1)), HERE))
        recorder.write(sample(1, stats(dup("kvm", 2)), HERE))
        recorder.write(sample(2, stats(dup("kvm", 3)), HERE))
    changed(path, "UPDATE growth SET reason = 1 << 31")
    recording = Recording(path)
    player = Player(Tape(recording, recording.boots()[0]), 2.0)
    for name in ("gone", "kvm"):
        view = View(Situation(Source("x", "recording")), Choice(page="module", cursor=name))
        assert composed(Scene(player.frame, player.past, view), 80, 24)
    recording.close()
