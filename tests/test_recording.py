"""Recordings: what was committed is there, whatever happens to the recorder."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zlib

import pytest
from conftest import ROOT, SAMPLES, dup, gap, sample, stats
from terminal import Terminal
from test_cli import ENV, kmodtop

from kmodtop_core.errors import SourceError
from kmodtop_core.opening import read_recording
from kmodtop_core.recording.player import Player
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.tape import Tape
from kmodtop_core.sample import Host
from kmodtop_core.sources.series import read_series
from kmodtop_core.tracking.tracker import Tracker
from kmodtop_core.units import parse_size

STORM = SAMPLES / "series/boot-udev-32cpu-noidem.jsonl"
HOST = Host("big", "6.12.9", 255, "b-1")


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "recording")


def record(path, *items):
    with Recorder(path, "0.1") as recorder:
        for item in items:
            recorder.write(item)


def replayed(path):
    return read_recording(path)


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
    with sqlite3.connect(path) as db:
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
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(SourceError, match="newer kmodtop"):
        Recording(path)
    with sqlite3.connect(tmp_path / "other") as db:
        db.execute("CREATE TABLE x (y)")
    db.close()
    with pytest.raises(SourceError, match="no recording of kmodtop"):
        Recording(str(tmp_path / "other"))
    (tmp_path / "text").write_text("hello" * 1000)
    with pytest.raises(SourceError, match="can't be used as a recording"):
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
        "from conftest import *\n"
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


# ---- the commands --------------------------------------------------------


def test_a_file_is_recorded_until_a_signal_and_exported(tmp_path, path):
    source = tmp_path / "stats"
    source.write_bytes(sample(0, stats(dup("kvm", 1))).text)
    words = [sys.executable, "-m", "kmodtop", "record", str(source), "-o", path]
    with subprocess.Popen(words, env=ENV, stderr=subprocess.PIPE) as process:
        assert b"records" in process.stderr.readline()
        for number in (2, 3):
            while not exported(path, number - 1):
                time.sleep(0.05)
            source.write_bytes(sample(0, stats(dup("kvm", number))).text)
        while not exported(path, 3):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert b"changes recorded" in process.stderr.read()
    assert process.returncode == 143
    lines = kmodtop("export", path, "--format", "csv").stdout.decode().splitlines()
    assert lines[0].startswith("boot_id,taken,uptime_s,modcount,") and len(lines) == 4


def exported(path, times):
    done = kmodtop("export", path)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    return any(r.get("duplicates", [{}])[0].get("count") == times for r in reports)


def test_a_recording_is_known_by_its_content(path):
    samples = read_series(STORM.read_bytes(), "x")
    record(path, *samples)
    report = json.loads(kmodtop("report", path, "--format", "json").stdout)
    assert report["counters"]["failed_becoming"] == 401 and report["cpus"] == 32
    with Terminal("replay", path, "--speed", "50") as terminal:
        terminal.until(r"401 failed ×")
        terminal.until(r"end, \d+\.\d s after boot")
    assert b"416 failed requests" in kmodtop("replay", path).stdout


def test_recording_ends_after_its_duration(path):
    done = kmodtop("record", "sim:guest-8", "-o", path, "--duration", "1")
    assert done.returncode == 0 and replayed(path)


def test_a_full_disk_is_told_and_nothing_is_lost_when_there_is_room_again(path):
    recorder = Recorder(path, "0.1")
    recorder.write(sample(0, stats(dup("kvm", 1)), HOST))
    recorder.recording.store.db.execute("PRAGMA max_page_count = 1")
    big = stats(*(dup(f"m{i}" * 9, i + 1) for i in range(111)))
    with pytest.raises(sqlite3.Error):
        for n in range(1, 50):
            recorder.write(sample(n, big._replace(modcount=n), HOST))
    recorder.recording.store.db.execute("PRAGMA max_page_count = 100000")
    recorder.write(sample(60, stats(dup("kvm", 7)), HOST))
    recorder.close()
    assert replayed(path)[-1].at.uptime == 60


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["record", "-o", "{tmp}/not/x"], "can't be written"),
        (["record", "--max-size", "big"], "is no size"),
        (["export", "{tmp}/not/x"], "does not exist"),
        (["replay", str(SAMPLES / "README.md")], "holds no module statistics"),
    ],
)
def test_errors_of_the_commands(words, says, tmp_path):
    done = kmodtop(*(word.format(tmp=tmp_path) for word in words))
    assert done.returncode in (2, 3, 4)
    assert says in done.stderr.decode() and b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("4096", 4096), ("10MiB", 10 << 20), ("1.5GB", 1_500_000_000), ("2 kB", 2000), ("1k", 1024)],
)
def test_sizes_as_people_write_them(text, bytes_):
    assert parse_size(text) == bytes_
    with pytest.raises(ValueError, match="no size"):
        parse_size(text + "x")


def test_recording_never_imports_textual(path):
    code = (
        "import sys; from kmodtop.cli import main; main(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    words = [sys.executable, "-c", code, "record", "sim:quiet", "-o", path, "--duration", "0.5"]
    done = subprocess.run(words, capture_output=True, env=ENV, check=True, timeout=30)
    assert {"textual", "rich", "asyncio"}.isdisjoint(done.stderr.decode().split())


def test_hints_are_for_what_the_machine_has(tmp_path):
    from kmodtop.commands.install_hints import hints
    from kmodtop_core.machine.facts import Machine

    assert "systemd does not run here" in hints(Machine(str(tmp_path)))
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    text = hints(Machine(str(tmp_path)))
    assert "Before=systemd-udevd.service" in text and "systemctl enable" in text
    assert "ExecStart=/usr/bin/kmodtop" not in text or os.path.exists("/usr/bin/kmodtop")
    assert "initramfs-tools" not in text and "dracut" not in text
    for tool in ("sbin/update-initramfs", "bin/dracut"):
        (tmp_path / "usr" / tool).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "usr" / tool).touch()
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cmdline").write_text("ro debugfs=off quiet\n")
    text = hints(Machine(str(tmp_path)))
    assert "update-initramfs -u" in text and "inst_hook pre-udev 00" in text
    assert "debugfs=off: take that off" in text and "systemd.wants=" in text
    (tmp_path / "hints.sh").write_text(text)
    subprocess.run(["sh", "-n", str(tmp_path / "hints.sh")], check=True)
    assert kmodtop("record", "--install-hints").returncode == 0


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


def until(wanted):
    give_up = time.monotonic() + 10
    while not wanted():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_read_only_place_is_waited_for(path, monkeypatch):
    from kmodtop_core.machine.facts import Machine
    from kmodtop_core.recording import retrying as room

    class Later:
        """Read-only at first, as a root file system is at boot."""

        tries = 0

        def __new__(cls, *words):
            cls.tries += 1
            if cls.tries < 3:
                from kmodtop_core.errors import Trouble

                raise SourceError(
                    Trouble("read-only", "x: can't be written (Read-only file system)")
                )
            return Recorder(*words)

    monkeypatch.setattr(room, "Recorder", Later)
    told = []
    sink = room.Sink(path, "0", told.append, Machine())
    assert [sink.write(sample(n, stats(dup("kvm", n + 1)), HOST)) for n in range(3)] == [0, 2, 1]
    sink.close()
    assert len(replayed(path)) == 3
    assert len(told) == 2 and "can be written now" in told[1]


def test_systemd_is_told_when_the_first_reading_is_in(path, tmp_path):
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(20)
        words = [sys.executable, "-m", "kmodtop", "record", str(STORM), "-o", path]
        env = ENV | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL) as process:
            assert sock.recv(100) == b"READY=1"
            assert replayed(path)
            process.send_signal(signal.SIGTERM)


def test_the_time_before_the_first_text_belongs_to_the_boot(path):
    record(path, gap(1, "debugfs-not-mounted"), sample(3, stats(), HOST))
    assert [getattr(i, "why", None) and i.why.code for i in replayed(path)] == [
        "debugfs-not-mounted",
        None,
    ]


def test_a_recording_of_nothing_says_so(path):
    record(path, gap(1))
    with pytest.raises(SourceError, match="nothing has been read yet"):
        replayed(path)


def test_a_recording_is_summed_up_by_boot(path):
    quiet, grown = stats(dup("kvm", 1)), stats(dup("new", 7), dup("kvm", 3))
    record(path, sample(1, quiet, HOST), sample(2, grown, HOST), gap(40), sample(60, grown, HOST))
    record(path, sample(5, quiet, Host("other", boot_id="b-2")))
    text = kmodtop("report", path).stdout.decode()
    assert "boot 1 of 2: big, kernel 6.12.9, 255 CPUs" in text and "boot 2 of 2: other" in text
    assert "From 1.0 s to 60.0 s after boot: 3 texts, 1 gaps" in text
    assert "    1     2.0 s     2.0 s" in text and "new 7, kvm 2" in text
    assert "Nothing failed while it was recorded." in text
    first, second = map(json.loads, kmodtop("report", path, "--format", "json").stdout.splitlines())
    assert first["recording"]["storms"][0]["modules"] == [
        {"module": "new", "count": 7},
        {"module": "kvm", "count": 2},
    ]
    assert first["counters"]["failed_becoming"] == 10 and second["boot_id"] == "b-2"


def test_what_changed_between_two_recordings(path, tmp_path):
    other = str(tmp_path / "other")
    record(path, sample(1, stats(dup("kvm", 1)), HOST))
    record(other, sample(31, stats(dup("new", 2), dup("kvm", 4)), HOST))
    done = kmodtop("diff", path, other, "--format", "json", "--exit-code")
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["delta_s"] == 30
    assert found["counters"]["failed_becoming"] == {"a": 1, "b": 6, "delta": 5}
    assert [(m["module"], m["a"], m["b"]) for m in found["duplicates"]] == [
        ("kvm", 1, 4), ("new", None, 2),
    ]  # fmt: skip
    assert kmodtop("diff", path, path, "--exit-code").returncode == 0
    assert b"Nothing changed." in kmodtop("diff", path, path).stdout


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("states/both.txt", "states/fresh-boot-no-module.txt", "name the older one first"),
        ("states/both.txt", "README.md", "holds no module statistics"),
        ("states/both.txt", "nothing", "nothing"),
    ],
)
def test_differences_that_there_are_not(first, second, says):
    done = kmodtop("diff", str(SAMPLES / first), str(SAMPLES / second))
    assert done.returncode in (2, 3, 4) and says in done.stderr.decode()
    assert not done.stdout


def test_an_older_recording_opens_and_is_gone_on_with(path):
    old_schema(path)
    assert [item.text for item in replayed(path)] == [sample(0, stats(dup("kvm", 2))).text] * 2
    before = kmodtop("report", path, "--format", "json").stdout
    assert json.loads(before)["recording"]["ended_s"] == 9
    with Terminal("replay", path) as terminal:
        terminal.until(r"kvm +2 ")
    record(path, sample(20, stats(dup("kvm", 5)), HOST))
    report = json.loads(kmodtop("report", path, "--format", "json").stdout)
    assert report["recording"]["storms"][0]["failures"] == 3
    recording = Recording(path)
    assert recording.store.one("i", "PRAGMA user_version") == 3
    recording.close()


def old_schema(path):
    """A recording as the first version wrote it."""
    text = sample(0, stats(dup("kvm", 2))).text
    with sqlite3.connect(path) as db:
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


def test_watch_records_what_it_shows(path, tmp_path):
    source = tmp_path / "stats"
    source.write_bytes(sample(0, stats(dup("kvm", 1))).text)
    with Terminal("watch", str(source), "--record", path) as terminal:
        terminal.until(r"REC .*watched")
        source.write_bytes(sample(0, stats(dup("kvm", 8))).text)
        terminal.until(r"kvm +8 ")
        terminal.press("q")
        assert terminal.ended() == 0
    assert replayed(path)[-1].text == sample(0, stats(dup("kvm", 8))).text


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
