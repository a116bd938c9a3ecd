"""The ear: a trace, and who its processes are, as events of a source.

All lines are kept as the kernel printed them but forks that lead to no request.
"""

import time
from collections import deque
from collections.abc import Sequence

from ..errors import SourceError
from ..machine.facts import Machine
from ..sample import Events, Instant
from .forks import Forks
from .lines import Line, Odd, read_line
from .lookups import Lookups
from .probes import DEVICES, Probe
from .requests import LOOKED_UP, PATHS, TRACE
from .tracefs import Tracer

_TELLS = {
    "becoming": "the bytes of failures at becoming",
    "invalid": "the bytes of failures at load",
    "umhx": "what the kernel starts modprobe for",
    "read": "the lengths of packed files",
}
"""What a probe tells, for who is to do without."""

_MOST_OPENED, _MOST_LAST = 10_000, 32
"""Processes of which is remembered which devices they looked at, and how many of each."""


class Ear:
    """Traces with those probes."""

    def __init__(self, machine: Machine, probes: Sequence[Probe], devices: bool = False) -> None:
        self.tracer = Tracer(machine, probes)
        self._paths = Tracer(machine, DEVICES, (), "_paths") if devices else None
        self._opened: dict[int, deque[bytes]] = {}
        self._without = ""
        self._lookups, self._forks = Lookups(machine), Forks()
        self._events = self._lost = 0
        self._seconds = 0.0

    def begin(self) -> None:
        """Raises SourceError where this machine cannot be traced."""
        self._lookups.begin()
        self.tracer.begin()
        if self._paths is not None:
            try:
                self._paths.begin()
            except SourceError as error:  # who asked is told all the same
                self._paths, self._without = None, error.why.sentence

    def end(self) -> None:
        """Takes all of it away."""
        self.tracer.end()
        if self._paths is not None:
            self._paths.end()

    @property
    def told(self) -> str:
        """What the kernel did not take, in a sentence; nothing where it took all."""
        refused = [f"without {_TELLS.get(name, name)}" for name in self.tracer.refused]
        if self._without:
            refused.append(f"without devices: {self._without}")
        return f"this kernel refused some probes: {', '.join(refused)}" if refused else ""

    @property
    def cost(self) -> str:
        """What it has heard and what that took, in words."""
        lost = f"{self._lost:,}" if self._lost else "none"
        return f"{self._events:,} events took {self._seconds:.2f} s of CPU time, {lost} were lost"

    def hear(self, at: Instant) -> list[Events]:
        """What there is to be kept of what has come."""
        return self.follow(at)[1]

    def follow(self, at: Instant) -> tuple[list[Line | Odd], list[Events]]:
        """(lines that have come, what there is to be kept of them)."""
        begun = time.thread_time()
        lines: list[Line | Odd] = []
        kept: list[bytes] = []
        asking: list[int] = []
        told = self.tracer.read()  # before the paths, of which there may be more by then
        self._remember_paths()
        paths: list[bytes] = []
        for raw in told.split(b"\n"):
            line = read_line(raw)
            if isinstance(line, Line) and line.event == "sched_process_fork":
                self._forks.remember(line, raw)
            elif line is not None:
                if isinstance(line, Line) and _asks(line):
                    asking.append(line.pid)
                    kept += self._forks.above(line.pid)
                    paths += self._opened.pop(line.pid, ())
                kept.append(raw)
            if line is not None:
                lines.append(line)
        if missed := self.tracer.missed():
            kept.append(b"CPU:0 [LOST %d EVENTS]" % missed)
            lines.append(Odd(missed))
        self._lookups.note(lines)
        looked_up = self._lookups.about(asking)
        self._events += len(lines)
        self._lost += sum(line.lost for line in lines if isinstance(line, Odd))
        self._seconds += time.thread_time() - begun
        parts = ((PATHS, _joined(paths)), (TRACE, _joined(kept)), (LOOKED_UP, looked_up))
        return lines, [Events(at, piece, data) for piece, data in parts if data]

    def _remember_paths(self) -> None:
        """Of each process the devices that it has looked at last."""
        if self._paths is None:
            return
        for raw in self._paths.read().split(b"\n"):
            line = read_line(raw)
            if isinstance(line, Line) and line.event == "open":
                if len(self._opened) >= _MOST_OPENED:
                    self._opened.clear()
                self._opened.setdefault(line.pid, deque(maxlen=_MOST_LAST)).append(raw)


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(raw + b"\n" for raw in lines)


def _asks(line: Line) -> bool:
    """Whether it tells of a request that has failed, or is about to, or of who has started it."""
    return line.event in ("dup", "becoming", "invalid", "umhx") or (
        line.event == "fload" and line.number("ret") != 0
    )
