"""What was recorded comes back as it was."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from support.command import ENV
from support.recordings import HOST, STORM, database, record, replayed, until
from support.samples import ROOT, SAMPLES, dup, gap, sample, stats

from kmodtop_core.errors import SourceError
from kmodtop_core.recording.player import Player
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.tape import Tape
from kmodtop_core.sample import Host
from kmodtop_core.sources.series import read_series
from kmodtop_core.tracking.tracker import Tracker


def test_what_was_recorded_is_replayed_with_its_times_and_its_machine(path):
    texts = [stats(dup("kvm", n)) for n in range(1, 200)]
    record(path, *(sample(n, text, HOST) for n, text in enumerate(texts)))
    items = replayed(path)
    assert [item.text for item in items] == [sample(0, text).text for text in texts]
    assert [item.at for item in items] == [sample(n, b"").at for n in range(199)]
    assert all(item.host == HOST for item in items)


def test_an_unchanged_text_is_stored_once_with_how_long_it_stood(path):
    text = stats(dup("kvm", 1))
    record(
        path,
        *(sample(n, text, HOST) for n in range(100)),
        gap(100),
        gap(130),
        sample(140, text, HOST),
    )
    items = replayed(path)
    assert [(type(i).__name__, i.at.uptime) for i in items] == [
        ("Sample", 0), ("Sample", 99), ("Gap", 100), ("Gap", 130), ("Sample", 140),
    ]  # fmt: skip
    with database(path) as db:
        assert db.execute("SELECT count(*) FROM sample").fetchone() == (2,)
    db.close()


def test_a_real_storm_is_replayed_frame_for_frame_and_stays_small(path):
    samples = read_series(STORM.read_bytes(), "x")
    changed = [s for n, s in enumerate(samples) if n == 0 or s.text != samples[n - 1].text]
    record(path, *samples)
    live, later = Tracker(), Tracker()
    frames = {}
    for item in samples:
        frame = live.observe(item)
        frames[item.at.uptime] = frame
    for item in replayed(path):
        frame = later.observe(item)
        known = frames[item.at.uptime]
        assert frame.block == known.block
        assert [(r.module, r.count, r.since_start) for r in frame.rows] == [
            (r.module, r.count, r.since_start) for r in known.rows
        ]
    assert os.path.getsize(path) / len(changed) < 1536


def test_several_boots_and_hosts_fit_in_one_file(path):
    record(path, sample(5, stats(dup("a", 1)), HOST), sample(6, stats(dup("a", 2)), HOST))
    record(path, sample(5, stats(dup("b", 1)), Host("small", boot_id="b-2")))
    record(path, sample(9, stats(dup("a", 3)), HOST))
    recording = Recording(path)
    boots = recording.boots()
    assert [(b.host, b.boot_id) for b in boots] == [("big", "b-1"), ("small", "b-2")]
    assert [recording.counts(b) for b in boots] == [(3, 9.0), (1, 5.0)]
    recording.close()


def test_the_oldest_boots_go_first_and_never_the_present_one(path):
    noise = random.Random(1).randbytes
    for boot in range(5):
        host = Host("h", boot_id=f"b-{boot}")
        with Recorder(path, "0.1") as recorder:
            for n in range(40):
                recorder.write(sample(n, noise(2000), host))
            recorder.shrink(200_000)
    recording = Recording(path)
    left = [b.boot_id for b in recording.boots()]
    recording.close()
    assert left[-1] == "b-4" and "b-0" not in left
    with Recorder(path, "0.1") as recorder:
        recorder.write(sample(1, noise(2000), Host("h", boot_id="b-4")))
        recorder.shrink(1)
    recording = Recording(path)
    assert [b.boot_id for b in recording.boots()] == ["b-4"]
    recording.close()


def test_a_second_recorder_is_refused_with_the_firsts_pid(path):
    with Recorder(path, "0.1"), pytest.raises(SourceError, match=f"process {os.getpid()} records"):
        Recorder(path, "0.1")
    Recorder(path, "0.1").close()


def test_files_that_are_no_recordings_are_refused(path, tmp_path):
    record(path, sample(1, stats()))
    with database(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(SourceError, match="newer kmodtop"):
        Recording(path)
    with database(tmp_path / "other") as db:
        db.execute("CREATE TABLE x (y)")
    db.close()
    with pytest.raises(SourceError, match="no recording of kmodtop"):
        Recording(str(tmp_path / "other"))
    (tmp_path / "text").write_text("hello" * 1000)
    with pytest.raises(SourceError, match="cannot be used as a recording"):
        Recording(str(tmp_path / "text"))


def test_a_log_cut_by_a_power_failure_loses_its_end_and_nothing_else(path, tmp_path):
    recorder = Recorder(path, "0.1")
    for n in range(50):
        recorder.write(sample(n, stats(dup("kvm", n + 1)), HOST))
    copy = str(tmp_path / "copy")
    for name in ("", "-wal"):
        with open(path + name, "rb") as file:
            data = file.read()
        with open(copy + name, "wb") as file:
            file.write(data if name == "" else data[: len(data) * 2 // 3])
    recorder.close()
    numbers = [item.text for item in replayed(copy)]
    assert 0 < len(numbers) < 50
    assert numbers == [sample(0, stats(dup("kvm", n + 1))).text for n in range(len(numbers))]
    record(copy, sample(99, stats(dup("kvm", 99)), HOST))
    assert replayed(copy)[-1].at.uptime == 99


def kill_while_recording(path, rounds):
    """Kills recorders that tell what they have written; all of that must be there."""
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from support.samples import *\n"
        "from kmodtop_core.recording.recorder import Recorder\n"
        "first = int(sys.argv[2])\n"
        "recorder = Recorder(sys.argv[1], '0')\n"
        "for n in range(first, first + 100_000):\n"
        "    rows = [dup(f'm{k}', n - k) for k in range(min(n, 9))]\n"
        "    text = stats(*rows, failed_becoming=9 * n)\n"
        "    recorder.write(sample(n, text, Host('h', boot_id='b')))\n"
        "    sys.stdout.write(f'{n}\\n'); sys.stdout.flush()\n"
    )
    chance, last = random.Random(5), 0
    for _ in range(rounds):
        words = [sys.executable, "-c", code, path, str(last + 1)]
        with subprocess.Popen(words, env=ENV, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout
            first = process.stdout.readline()
            time.sleep(chance.random() / 20)  # a random moment
            process.send_signal(signal.SIGKILL)
            told = [int(line) for line in (first + process.stdout.read()).split(b"\n")[:-1]]
        last = told[-1]
        recording = Recording(path)
        (boot,) = recording.boots()
        kept = [k.item.at.uptime for k in recording.kept(boot)]
        assert kept[: len(told)] and set(range(1, last + 1)) <= set(kept)
        tape = Tape(recording, boot)
        assert tape.tracker(last).latest.block.stats.failed_becoming == 9 * last
        last = int(max(kept))
        recording.close()


def test_a_killed_recorder_loses_nothing_that_was_written(path):
    kill_while_recording(path, 5)


@pytest.mark.slow
def test_two_hundred_kills(path):
    kill_while_recording(path, 200)


def test_what_an_initramfs_kept_is_taken_over(tmp_path):
    from kmodtop_core.machine.facts import Machine
    from kmodtop_core.sources.initramfs import early_samples

    source, folder = tmp_path / "stats", tmp_path / "run/kmodtop/early"
    first, second = (sample(0, stats(dup("kvm", n))).text for n in (1, 5))
    source.write_bytes(first)
    env = os.environ | {"KMODTOP_STATS": str(source), "KMODTOP_EARLY": str(folder)}
    script = SAMPLES / "systemd/kmodtop-early.sh"
    subprocess.run(["sh", str(script)], env=env, check=True, stdout=subprocess.DEVNULL)
    until(lambda: len(list(folder.glob("[0-9]*"))) == 1)
    source.write_bytes(second)
    until(lambda: len(list(folder.glob("[0-9]*"))) == 2)
    (folder / "foreign").write_bytes(b"x")
    found = early_samples(Machine(str(tmp_path)))
    assert [item.text for item in found] == [first, second]
    assert 0 < found[0].at.uptime < found[1].at.uptime and (folder / "stop").exists()


def test_the_time_before_the_first_text_belongs_to_the_boot(path):
    record(path, gap(1, "debugfs-not-mounted"), sample(3, stats(), HOST))
    assert [getattr(i, "why", None) and i.why.code for i in replayed(path)] == [
        "debugfs-not-mounted",
        None,
    ]


def test_a_live_view_goes_on_from_what_was_recorded_of_this_boot(path, tmp_path):
    from kmodtop_core.machine.facts import Machine
    from kmodtop_core.recording.recorder import in_memory
    from kmodtop_core.recording.resume import adopt_this_boot

    (tmp_path / "proc/sys/kernel/random").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/random/boot_id").write_text("b-1\n")
    (tmp_path / "var/lib/kmodtop").mkdir(parents=True)
    where = str(tmp_path / "var/lib/kmodtop/recording.db")
    texts = [sample(n, stats(dup("new", n + 1), dup("kvm", 5)), HOST) for n in range(1, 9)]
    record(where, sample(0, stats(dup("kvm", 5)), HOST), *texts)
    session = in_memory("0")
    told = adopt_this_boot(session, Machine(str(tmp_path)))
    assert told.startswith("9 texts of this boot taken over")
    frame = session.observe(sample(9, stats(dup("new", 20), dup("kvm", 5)), HOST))
    assert frame.event == "change" and frame.now == 9
    rows = {row.module: row for row in frame.rows}
    assert (rows["new"].first_seen, rows["new"].delta) == (1, 11)
    assert session.tracker.history.at([1, 4]) != [None, None]
    assert adopt_this_boot(in_memory("0"), Machine(str(tmp_path / "nowhere"))) == ""


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_recording_is_told_and_never_a_traceback(path, tmp_path, seed):
    record(path, *read_series(STORM.read_bytes(), "x"))
    with open(path, "rb") as file:
        data = bytearray(file.read())
    chance = random.Random(seed)
    for _ in range(40):
        data[chance.randrange(2048, len(data))] ^= 1 << chance.randrange(8)
    bad = tmp_path / "bad"
    bad.write_bytes(data)
    from kmodtop.cli import main

    for verb in (["report"], ["export"], ["diff", path]):
        assert main([*verb, str(bad), "-o", str(tmp_path / "out")]) in (0, 2, 3, 4)
    try:
        player = Player(Tape(Recording(str(bad)), Recording(str(bad)).boots()[-1]))
    except (SourceError, sqlite3.Error, IndexError, TypeError, ValueError):
        return  # as the command tells in a sentence
    for _ in range(20):
        player.seek(chance.uniform(15, 90))
        assert player.frame is None or player.frame.gap or player.frame.block
        player.pass_time(3)


def test_a_gap_with_the_time_of_here_is_none_of_the_other_hosts(path):
    waited = gap(0.5, "missing")
    record(path, gap(90_000, "no-connection"), waited, sample(1, stats(dup("kvm", 1)), HOST))
    kept = replayed(path)
    assert [item.why.code for item in kept if not hasattr(item, "text")] == ["missing"]


def test_a_text_that_turns_out_to_be_whole_is_no_second_one(path):
    one, two = stats(dup("kvm", 1)), stats(dup("kvm", 2))
    with Recorder(path, "0") as recorder:
        assert recorder.write(sample(0, one, HOST))
        assert recorder.write(sample(1, two, HOST, settled=False))
        assert not recorder.write(sample(1.6, two, HOST))
        assert not recorder.write(sample(2, two, HOST))
    items = replayed(path)
    assert [(item.at.uptime, item.settled) for item in items] == [
        (0, True), (1, True), (2, True),
    ]  # fmt: skip
    recording = Recording(path)
    assert recording.counts(recording.boots()[0]) == (2, 2)


def test_a_text_that_was_not_taken_until_it_was_whole_is_kept_as_it_came(path):
    whole, half = stats(dup("kvm", 5), dup("evdev", 4)), stats(dup("kvm", 6), failed_becoming=11)
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, whole, HOST))
        recorder.write(sample(1, half, HOST, settled=False))
        assert recorder.tracker.latest.event == "gap"
        assert recorder.write(sample(1.6, half, HOST))
        assert recorder.tracker.latest.block.stats.failures == 11
