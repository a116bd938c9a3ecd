"""The terminal has one owner: on every way in and out it is left as it was."""

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest
from support.command import ENV
from support.recordings import database
from support.samples import SAMPLES, dup, stats
from support.terminal import Terminal

from kmodtop_core.stats.parse import render

BOTH = SAMPLES / "states/both.txt"
FATAL = [
    getattr(signal, name)
    for name in ("SIGQUIT", "SIGABRT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU")
]


def type_bytes(terminal, data):
    """As they are; a terminal takes a part at a time."""
    while data:
        data = data[os.write(terminal._master, data) :]


def resize(terminal, wide, high):
    fcntl.ioctl(terminal._slave, termios.TIOCSWINSZ, struct.pack("HHHH", high, wide, 0, 0))
    terminal.screen.resize(high, wide)
    terminal.signal(signal.SIGWINCH)


@pytest.mark.parametrize("number", FATAL, ids=lambda number: number.name)
def test_a_signal_that_ends_a_process_ends_it_with_the_terminal_restored(number, tmp_path):
    with Terminal("watch", BOTH, "--record", tmp_path / "r.db") as terminal:
        terminal.until_ready()
        terminal.until("a file, unchanged")
        terminal.signal(number)
        assert terminal.ended() == -number
        assert terminal.is_clean


@pytest.mark.parametrize("redirected", ["2>log", "2>/dev/null", "2>&-", "0<&-", "0</dev/null"])
def test_pictures_go_to_the_terminal_that_stdout_is(redirected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = f"exec '{sys.executable}' -m kmodtop watch '{BOTH}' {redirected}"
    program = ("-c", "import os, sys; os.execvp('sh', ['sh', '-c', sys.argv[1]])")
    with Terminal(line, program=program) as terminal:
        terminal.until_ready()
        terminal.until(r"WASTED +35\.83 MiB")
        terminal.press("?")
        terminal.until(r"A load walks four stages")
        terminal.press("qq")
        assert terminal.ended() == 0
        assert terminal.is_clean
    if redirected == "2>log":
        assert (tmp_path / "log").read_bytes() == b""


@pytest.mark.parametrize(
    "words", [["demo", "quiet"], ["watch", BOTH, "sim:quiet"],
              ["replay", SAMPLES / "series/storm-moderate.jsonl"]],
    ids=["demo", "several", "replay"],
)  # fmt: skip
def test_keys_come_from_the_terminal_where_stdin_is_none(words):
    with Terminal(*words, stdin=subprocess.DEVNULL) as terminal:
        terminal.until_ready()
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.is_clean


@pytest.mark.parametrize("odd", [b"\xe9", b"\xff", b"\x1b[M \xf0\xe9", b"\x1b[63;85A"])
def test_what_no_keyboard_should_send_is_passed_over(odd):
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        type_bytes(terminal, odd + b"?")
        terminal.until(r"A load walks four stages")
        terminal.press("qq")
        assert terminal.ended() == 0


def test_typed_ahead_input_is_taken_together():
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        type_bytes(terminal, b"/" + b"x" * 3000 + b"\x03")
        assert terminal.ended() == 130
        assert terminal.is_clean
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        before = len(terminal.raw)
        type_bytes(terminal, b"j" * 3000 + b"q")
        assert terminal.ended() == 0
        assert len(terminal.raw) - before < 40_000  # a picture for each key would be 300,000


def test_a_paste_without_end_is_given_up():
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        type_bytes(terminal, b"\x1b[200~cut off")
        later = time.monotonic() + 1.2
        while time.monotonic() < later:  # it is given up after a second; nothing tells of that
            terminal.read()
        type_bytes(terminal, b"\x03")
        assert terminal.ended() == 130


def test_what_is_pasted_into_the_filter_does_not_steer_the_terminal():
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        terminal.press("/")
        terminal.until("filter:")
        type_bytes(terminal, b"\x1b[200~lo\x1b]0;title\x07o\xc2\x9b31m\x1b[201~")
        terminal.until(r"filter: *lo")
        assert b"\x1b]0;title" not in terminal.raw and b"\xc2\x9b" not in terminal.raw


def test_a_reader_that_stalls_does_not_keep_it(tmp_path):
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        for step in range(12):
            fcntl.ioctl(
                terminal._slave,
                termios.TIOCSWINSZ,
                struct.pack("HHHH", 24 + step * 5, 80 + step * 9, 0, 0),
            )
            terminal.signal(signal.SIGWINCH)
            time.sleep(0.05)  # nobody reads meanwhile
        terminal.signal(signal.SIGTERM)
        assert terminal.process.wait(4) == 143
        while terminal.read(0.1):
            pass
        assert terminal.is_clean  # what undoes its modes is what the reader finds at last


def test_pictures_are_not_queued_on_a_link_that_stalls(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(render(stats(dup("kvm", 1))))
    with Terminal("watch", path, size=(200, 60)) as terminal:
        terminal.until_ready()
        while terminal.read(0.4):
            pass
        before = len(terminal.raw)
        for number in range(2, 200):  # a whole screen changes each time
            rows = [dup(f"module_{(number * 7 + k) % 997:03}", number * k + 1) for k in range(50)]
            path.write_bytes(render(stats(*rows)))
            time.sleep(0.02)  # nobody reads meanwhile
        path.write_bytes(render(stats(dup("the_last", 12345))))
        terminal.until(r"the_last .* 12,345", patience=10)
        assert len(terminal.raw) - before < 100_000  # some 20 pictures would be 120,000


@pytest.mark.parametrize("size", [(1, 1), (14, 10), (9, 4), (3, 30)])
def test_any_size_will_do(size):
    with Terminal("watch", BOTH, size=size) as terminal:
        terminal.until_ready()
        for keys in ("j\r", "q", "?", "q", "r", "q", "\x10", "tbw"):
            terminal.press(keys)
            terminal.read(0.05)
        resize(terminal, 80, 24)
        terminal.until(r"q quit")
        terminal.signal(signal.SIGTERM)  # a list of tasks that is open would take a q
        assert terminal.ended() == 143


@pytest.mark.parametrize("after", [0.05, 0.12, 0.2, 0.3, 0.5])
def test_ctrl_c_while_it_starts_is_silent(after):
    with Terminal("watch", BOTH) as terminal:
        time.sleep(after)
        terminal.signal(signal.SIGINT)
        code = terminal.ended()
        # On a busy machine Python itself is not up yet so early, and names what it was importing.
        early = after == 0.05 and code == -signal.SIGINT
        if b"kmodtop" in terminal.raw and not early:
            assert code == 130
            assert b"Traceback" not in terminal.raw and b"KeyboardInterrupt" not in terminal.raw


@pytest.mark.parametrize("words", [["watch", BOTH], ["record", BOTH]], ids=["watch", "record"])
def test_a_terminal_that_hangs_up_ends_it_with_129_and_data_is_kept(words, tmp_path):
    kept = tmp_path / "r.db"
    option = ["--record", str(kept)] if words[0] == "watch" else ["-o", str(kept)]
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kmodtop", *map(str, words), *option],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        env=ENV | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        preexec_fn=lambda: (fcntl.ioctl(1, termios.TIOCSCTTY, 0),
                            signal.signal(signal.SIGHUP, signal.SIG_DFL)),
    )  # fmt: skip
    os.close(slave)
    seen = b""
    while b"\x1b[?1000h" not in seen and b"records" not in seen:
        seen += os.read(master, 4096)
    _until_a_text_is_in(kept)
    os.close(master)
    assert process.wait(5) == 129
    from support.command import kmodtop

    assert b"489" in kmodtop("report", str(kept)).stdout


def _until_a_text_is_in(path, number=1):

    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        with database(path) as db:
            found = db.execute("SELECT count(*) FROM sample").fetchone()[0]
        db.close()
        if found >= number:
            return
        time.sleep(0.05)


def test_an_empty_no_color_counts_as_unset():
    with Terminal("watch", BOTH, NO_COLOR="") as terminal:
        terminal.until_ready()
        assert re.search(rb"\x1b\[[0-9;]*\b3[0-7]m", terminal.raw)


def test_signals_that_were_ignored_at_the_start_stay_ignored(tmp_path):
    kept, source = tmp_path / "r.db", tmp_path / "stats"
    source.write_bytes(render(stats(dup("kvm", 3))))
    process = subprocess.Popen(
        [sys.executable, "-m", "kmodtop", "record", str(source), "-o", str(kept)],
        env=ENV, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    assert process.stderr.readline().startswith(b"kmodtop: records")
    _until_a_text_is_in(kept)
    process.send_signal(signal.SIGHUP)
    source.write_bytes(render(stats(dup("kvm", 7))))
    _until_a_text_is_in(kept, 2)  # it goes on
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 143
    process.stderr.close()


def test_what_is_to_be_saved_is_saved_however_long_it_takes(tmp_path):
    code = (
        "import sys, time; from kmodtop_core.recording import retrying as sink\n"
        "write = sink.Sink.write\n"
        "def slow(self, item): time.sleep(0.02); return write(self, item)\n"
        "sink.Sink.write = slow\n"
        "from kmodtop.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    kept = tmp_path / "r.db"
    words = ("watch", SAMPLES / "hostile/odd-names.txt", "--record", kept)
    path = tmp_path / "many.txt"
    path.write_bytes(b"".join(render(stats(dup("kvm", n))) for n in range(1, 150)))
    words = ("watch", path, "--record", kept)
    with Terminal(*words, program=("-c", code)) as terminal:
        terminal.until(r"kvm .* 149 ")
        terminal.until_ready()
        terminal.press("q")
        assert terminal.ended() == 0
    from kmodtop_core.recording.reading import Recording

    recording = Recording(str(kept))
    assert recording.counts(recording.boots()[0])[0] == 149
    recording.close()


def test_what_is_typed_ahead_into_the_palette_is_taken_together():
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        terminal.press("\x10")
        terminal.until("Sort by the next column|Search for commands")
        type_bytes(terminal, b"zy" * 1500 + b"\x03")
        assert terminal.ended() == 130


def test_pages_in_an_empty_palette_are_none():
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        type_bytes(terminal, b"\x10\x1b[5~\x1b[6~\x1b[5~zzzzzz\x1b[5~\x1b[6~")
        terminal.until("zzzzzz")
        type_bytes(terminal, b"\x1b[5~\x03")
        assert terminal.ended() == 130
        assert b"fault of kmodtop" not in terminal.raw


def test_a_paste_without_end_is_given_up_also_while_keys_are_pressed():
    with Terminal("watch", BOTH) as terminal:
        terminal.until_ready()
        type_bytes(terminal, b"\x1b[200~cut off")
        give_up = time.monotonic() + 8
        while b"four stages" not in terminal.text.encode() and time.monotonic() < give_up:
            type_bytes(terminal, b"?")
            terminal.read(0.3)
            terminal.read(0.1)
        assert time.monotonic() < give_up
