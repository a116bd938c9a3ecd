"""Files: a stats text of 100 rows, of which some change once a second."""

import subprocess
import sys
from pathlib import Path

from support.samples import dup, stats

from kmodtop_core.stats.parse import render

ROWS = 100

_KEEPER = """
import sys
fields = open("/proc/self/stat").read().rpartition(")")[2].split()
start, end = int(fields[47]), int(fields[48])
memory, size = open("/proc/self/mem", "r+b", buffering=0), int(sys.argv[1])
while len(text := sys.stdin.buffer.read(size)) == size:
    memory.seek(start)
    memory.write(text + b"\\n" * (end - start - size))
"""
"""Writes texts over its own environment, which /proc/PID/environ shows (proc(5))."""


def text(number, changing):
    """The text of that second: so many rows have grown since the one before."""
    counts = [1000 + 3 * (ROWS - k) + (number if k < changing else 0) for k in range(ROWS)]
    return render(stats(*(dup(f"module_{k:03}", count) for k, count in enumerate(counts))))


class Watched:
    """A regular file."""

    name = "watched"

    def __init__(self, folder, changing):
        self.path, self._changing, self._number = Path(folder) / "stats", changing, 0
        self.path.write_bytes(text(0, changing))

    def change(self):
        """A second more."""
        if self._changing:
            self._number += 1
            self._write(text(self._number, self._changing))

    def _write(self, data):
        self.path.write_bytes(data)

    def close(self):
        """Nothing is left behind in a temporary folder."""


class Polled(Watched):
    """A file of procfs, of which no event tells."""

    name = "polled"

    def __init__(self, folder, changing):
        self._changing, self._number = changing, 0
        first = text(0, changing)
        words = [sys.executable, "-c", _KEEPER, str(len(first))]
        env = {"X": "y" * (len(first) - 3)}
        self._keeper = subprocess.Popen(words, env=env, stdin=subprocess.PIPE)
        self.path = Path(f"/proc/{self._keeper.pid}/environ")
        self._write(first)
        while first not in self.path.read_bytes():
            pass

    def _write(self, data):
        self._keeper.stdin.write(data)
        self._keeper.stdin.flush()

    def close(self):
        """Ends the process."""
        self._keeper.kill()
        self._keeper.communicate()
