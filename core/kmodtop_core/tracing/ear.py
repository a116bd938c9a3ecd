"""The ear: a trace, and who its processes are, as events of a source."""

from collections.abc import Iterator, Sequence

from ..machine.facts import Machine
from ..sample import Events, Instant
from .lines import Line, Odd, read_lines
from .lookups import Lookups
from .probes import Probe
from .requests import LOOKED_UP, TRACE
from .tracefs import Tracer


class Ear:
    """Traces with those probes."""

    def __init__(self, machine: Machine, probes: Sequence[Probe]) -> None:
        self.tracer = Tracer(machine, probes)
        self._lookups = Lookups(machine)

    def begin(self) -> None:
        """Raises SourceError where this machine cannot be traced."""
        self._lookups.begin()
        self.tracer.begin()

    def end(self) -> None:
        """Takes all of it away."""
        self.tracer.end()

    def hear(self, at: Instant) -> tuple[list[Line | Odd], list[Events]]:
        """(lines that have come, what there is to be kept of them)."""
        data = self.tracer.read()
        if missed := self.tracer.missed():
            data += f"CPU:0 [LOST {missed} EVENTS]\n".encode()
        lines = list(read_lines(data))
        self._lookups.note(lines)
        looked_up = self._lookups.about(self._failing(lines))
        return lines, list(_events(at, data, looked_up))

    def _failing(self, lines: list[Line | Odd]) -> Iterator[int]:
        """Processes of loads that failed, or of duplicates that are about to."""
        for line in lines:
            if isinstance(line, Line) and (
                line.event in ("dup", "becoming", "invalid")
                or (line.event == "fload" and line.number("ret") != 0)
            ):
                yield line.pid


def _events(at: Instant, data: bytes, looked_up: bytes) -> Iterator[Events]:
    if data:
        yield Events(at, TRACE, data)
    if looked_up:
        yield Events(at, LOOKED_UP, looked_up)
