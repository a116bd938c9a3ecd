"""Terminals that are stopped, stalled, odd in size, or without control."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command import ENV, kmodtop
from support.samples import SAMPLES, dup, stats
from support.terminal import Terminal

from kmodtop_core.stats.parse import render


def text(number):
    return render(stats(dup("kvm_intel", number), dup("other", 2)))


def state(pid):
    """The process's state letter (proc(5))."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, "-m", "kmodtop", *sys.argv[1:]])
while True:
    _, status = os.waitpid(job, 0)
    sys.exit(os.waitstatus_to_exitcode(status))
"""
"""What job control asks of a shell: another process group, and somebody who could continue it."""


def test_it_can_be_suspended_and_goes_on(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    with Terminal("watch", path, program=("-c", SHELL)) as terminal:
        terminal.until_ready()
        shell = terminal.process.pid
        job = int(Path(f"/proc/{shell}/task/{shell}/children").read_text())
        terminal.press("\x1a")
        while state(job) != "T":
            terminal.read()
        while terminal.read(0.2):
            pass
        assert terminal.is_clean
        path.write_bytes(text(9))
        terminal.screen.reset()
        os.kill(job, signal.SIGCONT)
        terminal.until(r"kvm_intel .* 9 ")
        terminal.until(r"q quit")
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.is_clean


def test_where_no_shell_could_let_it_go_on_nothing_stops():
    with Terminal("watch", SAMPLES / "states/both.txt") as terminal:  # as ssh -t host kmodtop
        terminal.until_ready()
        terminal.press("\x1a?")
        terminal.until(r"A load walks four stages")
        assert state(terminal.process.pid) != "T"
        terminal.press("qq")
        assert terminal.ended() == 0
        assert terminal.is_clean


def test_a_terminal_that_takes_nothing_does_not_keep_it(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    with Terminal("watch", path, "--record", tmp_path / "r") as terminal:
        terminal.until_ready()
        import termios

        termios.tcflow(terminal._slave, termios.TCOOFF)
        for number in range(4, 12):
            path.write_bytes(text(number))
            time.sleep(0.2)
        began = time.monotonic()
        terminal.signal(signal.SIGHUP)
        assert terminal.process.wait(5) == 129
        assert time.monotonic() - began < 4
    assert kmodtop("report", str(tmp_path / "r")).stdout


@pytest.mark.parametrize("verb", [["watch"], ["watch", "--low-bandwidth"], ["demo", "quiet"]])
@pytest.mark.parametrize("size", [(40, 12), (300, 100)])
def test_it_runs_at_odd_sizes(verb, size):
    source = [] if verb[0] == "demo" else [str(SAMPLES / "limits/rows-180-twice.txt")]
    with Terminal(*verb, *source, size=size) as terminal:
        terminal.until(r"WASTED|HEALTHY|wasted")
        terminal.until_ready()
        terminal.press("q")
        assert terminal.ended() == 0


@pytest.mark.parametrize(
    "setting",
    [{"TERM": "vt220"}, {"TERM": "dumb"}, {"LC_ALL": "C"}, {"words": ["--ascii"]}],
    ids=["vt220", "dumb", "C", "--ascii"],
)
def test_nothing_but_ascii_is_sent_where_there_is_nothing_else(setting):
    words = setting.pop("words", []) if "words" in setting else []
    path = SAMPLES / "series/boot-udev-32cpu-noidem.jsonl"
    with Terminal("replay", path, "--at", "30", *words, **setting) as terminal:
        terminal.until(r"30\.0 s of")
        terminal.until_ready()
        for keys, shows in (
            ("?", r"A load walks four stages"),
            ("?", r"WASTED"),
            ("r", r"bytes, .* as read"),
            ("r", r"WASTED"),
            ("/zz\r", r"no module's name contains"),
            (":", r"go to:"),
            ("25\r", r"25\.0 s of"),
            ("]", r"25\.\d s of"),
            ("\x10z", r"STORM"),
        ):
            terminal.press(keys)
            terminal.until(shows)
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.raw.isascii()


@pytest.mark.slow
def test_low_bandwidth_sends_half_at_most(tmp_path):
    path = tmp_path / "stats"
    sent = {}
    for words in ((), ("--low-bandwidth",)):
        path.write_bytes(text(1))
        with Terminal("watch", path, *words) as terminal:
            terminal.until_ready()
            while terminal.read(0.5):
                pass
            before = len(terminal.raw)
            for number in range(2, 10):
                rows = [dup(f"mod_{k}", number + k) for k in range(15)]
                path.write_bytes(render(stats(*rows)))
                give_up = time.monotonic() + 0.4
                while time.monotonic() < give_up:
                    terminal.read(0.1)
            sent[words] = len(terminal.raw) - before
    normal, low = sent.values()
    assert low * 2 <= normal, sent


def test_it_ends_with_a_terminal_that_was_not_its_controlling_one():
    import pty

    master, slave = pty.openpty()
    words = [sys.executable, "-m", "kmodtop", "watch", str(SAMPLES / "states/both.txt")]
    env = ENV | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, env=env) as process:
        os.close(slave)
        seen = b""
        while b"\x1b[?1000h" not in seen:
            seen += os.read(master, 4096)
        os.close(master)
        assert process.wait(5) == 129


def test_the_last_column_is_there_after_a_change_of_size():
    import fcntl
    import struct
    import termios

    with Terminal("watch", SAMPLES / "states/both.txt", size=(40, 12)) as terminal:
        terminal.until_ready()
        fcntl.ioctl(terminal._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        terminal.screen.resize(40, 120)
        terminal.signal(28)
        terminal.until(r"REFUSED +PATTERN")
