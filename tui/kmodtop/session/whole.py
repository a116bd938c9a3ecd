"""Whole: all of a tape, also what lies after the moment that is shown.

A chart of a recording shows the same moments again and again while the reader
moves about in it; what was asked once is remembered.
"""

from collections.abc import Sequence

from kmodtop_core.recording.tape import Tape

_MOST = 200
"""Answers that are remembered."""

Moments = tuple[float, ...]


class Whole:
    """What is known of a tape up to its end, as it is now; a Past of the tracker's time line."""

    def __init__(self, tape: Tape) -> None:
        self._past = tape.past()
        self.first = self._past.first
        self._past.add(tape.line(tape.end), None)
        self._values: dict[Moments, list[tuple[float, ...] | None]] = {}
        self._counts: dict[tuple[str, Moments], list[int | None]] = {}

    def at(self, moments: Sequence[float]) -> list[tuple[float, ...] | None]:
        """The values at rising moments (seconds); None where nothing is known."""
        key = tuple(moments)
        if key not in self._values:
            if len(self._values) >= _MOST:
                self._values.clear()
            self._values[key] = self._past.at(moments)
        return self._values[key]

    def counts(self, module: str, moments: Sequence[float]) -> list[int | None]:
        """The module's count at rising moments; None before it was first seen."""
        key = module, tuple(moments)
        if key not in self._counts:
            if len(self._counts) >= _MOST:
                self._counts.clear()
            self._counts[key] = self._past.counts(module, moments)
        return self._counts[key]
