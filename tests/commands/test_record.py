"""kmodtop record and what goes with it, as people use it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from support.command import ENV, kmodtop
from support.recordings import HOST, STORM, record, replayed
from support.samples import SAMPLES, dup, gap, sample, stats
from support.terminal import Terminal

from kmodtop_core.errors import SourceError
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sources.series import read_series
from kmodtop_core.units import parse_size

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
        terminal.until(r"STORM .* 416 of 448 loads failed")
        terminal.until(r"‖ (\d+\.\d) s of \d+ s")
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
        (["record", "-o", "{tmp}/not/x"], "cannot be written"),
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
                    Trouble("read-only", "x: cannot be written (Read-only file system)")
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


def test_a_recording_of_nothing_says_so(path):
    record(path, gap(1))
    with pytest.raises(SourceError, match="nothing has been read yet"):
        replayed(path)


def test_watch_records_what_it_shows(path, tmp_path):
    source = tmp_path / "stats"
    source.write_bytes(sample(0, stats(dup("kvm", 1))).text)
    with Terminal("watch", str(source), "--record", path) as terminal:
        terminal.until(r"REC . a file, unchanged")
        source.write_bytes(sample(0, stats(dup("kvm", 8))).text)
        terminal.until(r"kvm .* 8 ")
        terminal.press("q")
        assert terminal.ended() == 0
    assert replayed(path)[-1].text == sample(0, stats(dup("kvm", 8))).text
