"""Whole: all of a tape, also what lies after the moment that is shown.

A chart of a recording shows the same moments again and again while the reader
moves about in it; what was asked once is remembered.
"""

from collections.abc import Sequence
from functools import lru_cache

from kmodtop_core.recording.tape import Tape

_MOST = 200
"""Answers that are remembered."""


class Whole:
    """What is known of a tape up to its end, as it is now; a Past of the tracker's time line."""

    def __init__(self, tape: Tape) -> None:
        self._past = tape.past()
        self.first = self._past.first
        self._past.add(tape.line(tape.end), None)
        self._at = lru_cache(_MOST)(self._past.at)
        self._counts = lru_cache(_MOST)(self._past.counts)

    def at(self, moments: Sequence[float]) -> list[tuple[float, ...] | None]:
        """The values at rising moments (seconds); None where nothing is known."""
        return self._at(tuple(moments))

    def counts(self, module: str, moments: Sequence[float]) -> list[int | None]:
        """The module's count at rising moments; None before it was first seen."""
        return self._counts(module, tuple(moments))
