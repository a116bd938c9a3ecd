"""Meter: a program on a pty, and what it costs there.

CPU and wakeups are those of all its threads and children that live (proc(5), schedstat and
voluntary_ctxt_switches of each task).
"""

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PATIENCE_S = 20.0


class Cost(NamedTuple):
    """Of a span: CPU in ms a second, wakeups and bytes to the terminal a second, RSS in MiB."""

    cpu: float
    wakes: float
    sent: float
    memory: float


class Metered:
    """A program on a pty of 120 by 40 cells; a context manager."""

    def __init__(self, words, env=(), size=(120, 40)):
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLORTERM")}
        clean |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **dict(env)}
        self.began, self.seen = time.monotonic(), b""
        self.process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, env=clean, start_new_session=True
        )
        os.close(slave)
        self.sent = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.run(0.1)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def _take(self, seconds):
        if select.select([self._master], [], [], max(0.0, seconds))[0]:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                return False
            self.sent += len(data)
            self.seen = (self.seen + data)[-(1 << 16) :]
            return bool(data)
        return True

    def run(self, seconds):
        """Lets it go on for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not self._take(left):
                return

    def until(self, text):
        """Seconds from its start until it has sent that text."""
        give_up = time.monotonic() + _PATIENCE_S
        while text not in self.seen:
            if time.monotonic() > give_up or not self._take(0.5):
                raise RuntimeError(f"{text!r} was not sent by {self.process.args}")
        return time.monotonic() - self.began

    def press(self, keys):
        """Seconds until it ends after these keys, or sends something that answers them."""
        begun, before = time.monotonic(), self.sent
        os.write(self._master, keys)
        while self.process.poll() is None and self.sent == before:
            if time.monotonic() - begun > _PATIENCE_S:
                raise RuntimeError("no answer to a key")
            self._take(0.002)
        return time.monotonic() - begun

    def quit(self, keys=b"q"):
        """Seconds until it has ended after these keys."""
        begun = time.monotonic()
        os.write(self._master, keys)
        while self.process.poll() is None and time.monotonic() - begun < _PATIENCE_S:
            self._take(0.002)
        return time.monotonic() - begun

    # ---- costs -----------------------------------------------------------

    def _family(self):
        family = [self.process.pid]
        for pid in family:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                with suppress(OSError):
                    family += [int(child) for child in children.read_text().split()]
        return family

    def _spent(self):
        cpu = wakes = 0
        for pid in self._family():
            for task in Path(f"/proc/{pid}/task").glob("*"):
                with suppress(OSError, IndexError):
                    cpu += int((task / "schedstat").read_text().split()[0])
                    wakes += _number(task / "status", "voluntary_ctxt_switches:")
        # What children that have ended took, as those of watch(1), stands with their parent.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
        return cpu / 1e9 + ended, wakes

    def memory(self):
        """MiB in memory (RSS), all processes together."""
        return sum(_number(Path(f"/proc/{p}/status"), "VmRSS:") for p in self._family()) / 1024

    def cost(self, seconds, each_second=lambda: None):
        """What it costs while `each_second` is called once a second."""
        cpu, wakes = self._spent()
        begun, sent = time.monotonic(), self.sent
        for _ in range(seconds):
            each_second()
            self.run(1.0)
        after, woken = self._spent()
        took = time.monotonic() - begun
        spent, woken = 1e3 * (after - cpu) / took, (woken - wakes) / took
        return Cost(spent, woken, (self.sent - sent) / took, self.memory())


def _number(path, name):
    for line in path.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0
