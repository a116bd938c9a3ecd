"""Bounded series at several resolutions, with explicit gaps.

Each point is the state of the stages' counters at a moment. Rings of fixed
width keep the last minute, ten minutes and hour finely; one whose width doubles
whenever it is full keeps everything since the start. Memory is fixed: about
3,200 points however long it runs.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

Values = tuple[int, ...]
"""Counters of a moment: bytes lost in each of the four stages, then how many requests have
failed (FAILED), and how many loads succeeded (LOADED)."""

FAILED, LOADED = 4, 5
"""Places in Values."""

_POINTS = 800
_WIDTHS = (0.1, 1.0, 5.0)
"""Seconds a point: 80 s, 13 min and 67 min of history."""


class Series:
    """Points on a time line, at most one for each `width` seconds.

    A growing series doubles its width when it is full, others drop their oldest point.
    """

    def __init__(self, width: float, size: int = _POINTS, grows: bool = False) -> None:
        self.width = width
        self.complete = True
        self._first: tuple[float, Values | None] | None = None
        self._size, self._grows = size, grows
        self._times: list[float] = []
        self._values: list[Values | None] = []

    def __len__(self) -> int:
        return len(self._times)

    def add(self, at: float, values: Values | None) -> None:
        """`values` at the moment `at` (seconds, never falling); None is a gap."""
        if self._first is None:
            self._first = (at, values)
        if self._times and self._bucket(self._times[-1]) == self._bucket(at):
            if values is None:
                return
            self._times[-1], self._values[-1] = at, values
            return
        self._times.append(at)
        self._values.append(values)
        if len(self._times) > self._size:
            self._shrink()

    def _bucket(self, at: float) -> int:
        return int(at // self.width)

    def _shrink(self) -> None:
        if not self._grows:
            del self._times[0], self._values[0]
            self.complete = False
            return
        self.width *= 2
        old = list(zip(self._times, self._values, strict=True))
        self._times, self._values = [], []
        for at, values in old:
            self.add(at, values)

    def covers(self, start: float) -> bool:
        """Whether nothing from `start` on has been dropped."""
        return self.complete or self._times[0] <= start

    def at(self, moments: Sequence[float]) -> list[tuple[float, ...] | None]:
        """The values at rising moments, in a straight line between points.

        None before the first point, after the last, and within gaps.
        """
        times, values = self._times, self._values
        if self.complete and self._first and self._first[0] < times[0]:
            # Merging has moved the first point on.
            times, values = [self._first[0], *times], [self._first[1], *values]
        return [_between(times, values, moment) for moment in moments]


def _between(
    times: list[float], points: list[Values | None], moment: float
) -> tuple[float, ...] | None:
    right = bisect_right(times, moment)
    if right == 0:
        return None
    at, values = times[right - 1], points[right - 1]
    if values is None or at == moment:
        return values
    if right == len(times):
        return None
    later = points[right]
    if later is None or later == values:
        return values
    part = (moment - at) / (times[right] - at)
    return tuple([a + (b - a) * part for a, b in zip(values, later, strict=True)])


class Counts:
    """When a module's count changed: (seconds, count), thinned to at most `size` points."""

    def __init__(self, size: int = 256) -> None:
        self.points: list[tuple[float, int]] = []
        self._size = size

    def add(self, at: float, count: int) -> None:
        """A changed count; when full, every second point is dropped, ends stay."""
        self.points.append((at, count))
        if len(self.points) > self._size:
            self.points = [*self.points[:-1:2], self.points[-1]]

    def at(self, moments: Sequence[float]) -> list[int | None]:
        """The count at each moment; None before the first."""
        times = [at for at, _ in self.points]
        places = [bisect_right(times, moment) for moment in moments]
        return [self.points[place - 1][1] if place else None for place in places]


class Past(Protocol):
    """What can be asked about the time before a frame: kept in memory, or recorded.

    `first`: the first moment on the time line of which something is known.
    """

    first: float | None

    def at(self, moments: Sequence[float]) -> list[tuple[float, ...] | None]:
        """The values at rising moments (seconds); None where nothing is known."""

    def counts(self, module: str, moments: Sequence[float]) -> list[int | None]:
        """The module's count at rising moments; None before it was first seen."""


class GrowingPast(Past, Protocol):
    """A past that its tracker adds to, as time goes on."""

    def add(self, at: float, values: Values | None) -> None:
        """A moment on the time line in seconds; None is a gap."""

    def add_count(self, module: str, at: float, count: int) -> None:
        """How often a module has failed by then."""

    def forget_counts(self, module: str) -> None:
        """For modules that are no longer followed."""


class History:
    """The series of one tracker, on a time line of seconds since it began."""

    def __init__(self) -> None:
        self.first: float | None = None
        self.last = 0.0
        self._counts: dict[str, Counts] = {}
        self._rings = [Series(width) for width in _WIDTHS]
        self._rings.append(Series(_WIDTHS[0], grows=True))

    def add(self, at: float, values: Values | None) -> None:
        """Adds a moment to every resolution; None is a gap."""
        if self.first is None:
            if values is None:
                return
            self.first = at
        self.last = at
        for ring in self._rings:
            ring.add(at, values)

    def at(self, moments: Sequence[float]) -> list[tuple[float, ...] | None]:
        """The values at rising moments, from the finest series that reaches back far enough."""
        if self.first is None or not moments:
            return [None] * len(moments)
        start = max(moments[0], self.first)
        ring = next(r for r in self._rings if r.covers(start) or r is self._rings[-1])
        return ring.at(moments)

    def add_count(self, module: str, at: float, count: int) -> None:
        """How often a module has failed, noted when that changed."""
        counts = self._counts.setdefault(module, Counts())
        if not counts.points or counts.points[-1][1] != count:
            counts.add(at, count)

    def forget_counts(self, module: str) -> None:
        """For modules that are no longer followed."""
        self._counts.pop(module, None)

    def counts(self, module: str, moments: Sequence[float]) -> list[int | None]:
        """The module's count at rising moments; None before it was first seen."""
        known = self._counts.get(module)
        return known.at(moments) if known else [None] * len(moments)

    def points(self) -> int:
        """Points held, in all resolutions together."""
        return sum(len(ring) for ring in self._rings)
