"""A real terminal for tests: the program on a pty, its screen by pyte."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pyte

from support.samples import ROOT

PATIENCE = 20.0
"""Seconds after which a test gives up; generous, as other programs run too."""

# Sequences that pyte mis-parses: private prefixes, intermediates, strings.
_ODD = re.compile(
    rb"\x1b\[[<>=][0-9;:]*[ -/]*[@-~]|\x1b\[\??[0-9;:]*[ -/]+[@-~]"
    rb"|\x1b[P_^X].*?\x1b\\|\x1b\].*?(?:\x07|\x1b\\)",
    re.DOTALL,
)


class Terminal:
    """kmodtop with some words on a terminal of some size."""

    def __init__(
        self,
        *words,
        size=(80, 24),
        stdin=None,
        program=("-m", "kmodtop"),
        python=sys.executable,
        **env,
    ):
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLORTERM")}
        self.process = subprocess.Popen(
            [python, *program, *map(str, words)],
            stdin=slave if stdin is None else stdin,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_as_from_a_shell,
            env=clean
            | {
                "PYTHONPATH": f"{ROOT / 'core'}:{ROOT / 'tui'}",
                "TERM": "xterm-256color",
                "LC_ALL": "C.UTF-8",
            }
            | env,
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)

    @property
    def text(self):
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self, seconds=0.05):
        """Takes in what has come, waiting at most so long for it; False if nothing came."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        data = os.read(self._master, 1 << 16)
        self.raw += data
        self._stream.feed(_ODD.sub(b"", data))
        return True

    def until(self, pattern, patience=PATIENCE):
        """Waits until the screen matches; returns the match."""
        give_up = time.monotonic() + patience
        while not (match := re.search(pattern, self.text, re.MULTILINE)):
            if time.monotonic() > give_up or self.process.poll() not in (None, 0):
                self.read()
                raise AssertionError(f"{pattern!r} did not come; the screen is:\n{self.text}")
            self.read()
        return match

    def until_ready(self):
        """Waits until the app answers keys: it has asked for the mouse."""
        while b"\x1b[?1000h" not in self.raw:
            assert self.process.poll() is None, self.text
            self.read()

    def press(self, keys):
        """Types."""
        os.write(self._master, keys.encode())

    def signal(self, number):
        """Sends a signal to the program."""
        os.kill(self.process.pid, number)

    def ended(self):
        """Waits for the end; returns the exit code."""
        give_up = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < give_up, f"still running:\n{self.text}"
            self.read()
        while self.read(0.05):
            pass  # a pty hands over 4 KiB at a time
        return self.process.returncode

    @property
    def is_clean(self):
        """Whether modes are as they were: no alternate screen, cursor shown, no mouse, cooked."""
        left_alternate = self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h")
        shows_cursor = self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l")
        no_mouse = self.raw.rfind(b"\x1b[?1000l") >= self.raw.rfind(b"\x1b[?1000h")
        cooked = termios.tcgetattr(self._slave)[3] == self.modes_before[3]
        return left_alternate and shows_cursor and no_mouse and cooked


def _as_from_a_shell():
    """With a controlling terminal, and no signal ignored, as nohup and background jobs are."""
    fcntl.ioctl(1, termios.TIOCSCTTY, 0)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


HANGUP, TERMINATE, INTERRUPT = signal.SIGHUP, signal.SIGTERM, signal.SIGINT
