"""The ear: a trace, and who its processes are, as events of a source.

All lines are kept as the kernel printed them but forks that lead to no request.
"""

import time
from collections.abc import Iterator, Sequence

from ..machine.facts import Machine
from ..sample import Events, Instant
from .forks import Forks
from .lines import Line, Odd, read_line
from .lookups import Lookups
from .probes import Probe
from .requests import LOOKED_UP, TRACE
from .tracefs import Tracer


class Ear:
    """Traces with those probes."""

    def __init__(self, machine: Machine, probes: Sequence[Probe]) -> None:
        self.tracer = Tracer(machine, probes)
        self._lookups, self._forks = Lookups(machine), Forks()
        self._events = self._lost = 0
        self._seconds = 0.0

    def begin(self) -> None:
        """Raises SourceError where this machine cannot be traced."""
        self._lookups.begin()
        self.tracer.begin()

    def end(self) -> None:
        """Takes all of it away."""
        self.tracer.end()

    @property
    def cost(self) -> str:
        """What it has heard and what that took, in words."""
        lost = f"{self._lost:,}" if self._lost else "none"
        return f"{self._events:,} events took {self._seconds:.2f} s of CPU time, {lost} were lost"

    def hear(self, at: Instant) -> tuple[list[Line | Odd], list[Events]]:
        """(lines that have come, what there is to be kept of them)."""
        begun = time.thread_time()
        lines: list[Line | Odd] = []
        kept: list[bytes] = []
        for raw in self.tracer.read().split(b"\n"):
            line = read_line(raw)
            if isinstance(line, Line) and line.event == "sched_process_fork":
                self._forks.remember(line, raw)
            elif line is not None:
                if isinstance(line, Line) and _asks(line):
                    kept += self._forks.above(line.pid)
                kept.append(raw)
            if line is not None:
                lines.append(line)
        if missed := self.tracer.missed():
            kept.append(b"CPU:0 [LOST %d EVENTS]" % missed)
            lines.append(Odd(missed))
        self._lookups.note(lines)
        asking = (line.pid for line in lines if isinstance(line, Line) and _asks(line))
        looked_up = self._lookups.about(asking)
        self._events += len(lines)
        self._lost += sum(line.lost for line in lines if isinstance(line, Odd))
        self._seconds += time.thread_time() - begun
        return lines, list(_events(at, b"".join(raw + b"\n" for raw in kept), looked_up))


def _asks(line: Line) -> bool:
    """Whether it tells of a request that has failed, or is about to, or of who has started it."""
    return line.event in ("dup", "becoming", "invalid", "umhx") or (
        line.event == "fload" and line.number("ret") != 0
    )


def _events(at: Instant, data: bytes, looked_up: bytes) -> Iterator[Events]:
    if data:
        yield Events(at, TRACE, data)
    if looked_up:
        yield Events(at, LOOKED_UP, looked_up)
