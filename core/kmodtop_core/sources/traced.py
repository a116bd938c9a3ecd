"""The statistics of a kernel that has none: counted from a trace of its loads.

The events of each load drive the kernel's own bookkeeping (KernelTracker), so that the text is
what the kernel would print, less what no event tells: files that could not be read or unpacked,
sizes of modules, and all that was before the trace began.
"""

from collections.abc import Iterable, Iterator

from ..machine.facts import Machine
from ..sample import Host, Instant, Sample, Told
from ..simulation.bookkeeping import KernelTracker
from ..stats.format import render_counted
from ..stats.values import FailReason
from ..tracing.ear import Ear
from ..tracing.lines import Line, Odd, read_lines
from ..tracing.loads import Load, Loads, Outcome
from ..tracing.probes import HELPERS, STEPS
from .base import Means, Stop, now
from .pacing import Pace

NAME = "trace:"
"""What it is called on the command line."""

_STEP_S = 0.05
"""Seconds between two texts of a trace that is read afterwards."""


class Counter:
    """Counts the loads of a trace as the kernel would. `since`: seconds since boot."""

    def __init__(self, since: float, has_init: bool) -> None:
        self.since = since
        self.loads, self._kernel = Loads(has_init), KernelTracker()

    def follow(self, lines: Iterable[Line | Odd]) -> list[Load]:
        """Counts what they tell; returns the loads that ended."""
        ended = []
        for line in lines:
            if isinstance(line, Line):
                for load in self.loads.follow(line):
                    self._count(load)
                    ended.append(load)
        return ended

    def _count(self, load: Load) -> None:
        kernel = self._kernel
        if load.outcome is Outcome.LIVE:
            kernel.loaded(0, 0)
            return
        if load.outcome is Outcome.BECOMING:
            kernel.failed_becoming(load.length or 0, load.packed)
        elif load.outcome is Outcome.LOAD:
            kernel.failed_load(load.length or 0, load.packed)
        if load.is_duplicate and load.module is not None:
            reason = FailReason.LOAD if load.is_late else FailReason.BECOMING
            kernel.duplicate(load.module, reason)

    def text(self) -> bytes:
        """What was counted, after the kernel's fashion."""
        return render_counted(self._kernel.stats, self.since)


class Traced:
    """This machine, watched by tracing. Raises SourceError where that cannot be."""

    means = Means.TRACED

    def __init__(self, interval: float, machine: Machine, slowest: float | None = None) -> None:
        self.label = NAME
        self._interval, self._slowest, self._machine = interval, slowest, machine
        self._ear = Ear(machine, (*STEPS, *HELPERS))
        self._counter: Counter | None = None

    @property
    def told(self) -> str | None:
        """What the kernel did not take, in a sentence."""
        return self._ear.told or None

    @property
    def cost(self) -> str:
        """What was heard and what that took, in words."""
        return self._ear.cost

    def hold(self) -> None:
        """Begins to trace: root is about to be given up."""
        self._begin()

    def _begin(self) -> Counter:
        if self._counter is None:
            self._ear.begin()
            self._counter = Counter(now().uptime, has_init=True)
        return self._counter

    def items(self, stop: Stop) -> Iterator[Told]:
        """A text every interval, and the events that it was counted from."""
        counter = self._begin()
        due, pace = now().uptime, Pace(self._interval, self._slowest)
        try:
            while not stop.is_set():
                at = now()
                lines, events = self._ear.follow(at)
                counter.follow(lines)
                sample = Sample(at, counter.text(), self._machine.host)
                yield from events
                yield sample
                due = max(due + pace.after(sample), now().uptime)
                stop.wait(due - now().uptime)
        finally:
            self._ear.end()
            self._counter = None


def counted(data: bytes, host: Host) -> tuple[Sample, ...]:
    """The texts that a trace amounts to; none where it has no probes of the steps of a load."""
    lines = list(read_lines(data))
    times = [line.at for line in lines if isinstance(line, Line)]
    if not times:
        return ()
    counter, samples = Counter(times[0], has_init=False), []
    last = times[0] - _STEP_S
    for line in lines:
        if counter.follow([line]) and isinstance(line, Line) and line.at >= last + _STEP_S:
            last = line.at
            samples.append(Sample(Instant(line.at), counter.text(), host))
    if not counter.loads.steps:
        return ()
    first = Sample(Instant(times[0]), Counter(times[0], False).text(), host)
    return (first, *samples, Sample(Instant(max(times)), counter.text(), host))
