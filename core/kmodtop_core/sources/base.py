"""What every source has, and the clock that all of them stamp with."""

import time
from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol, runtime_checkable

from ..errors import SourceError, Trouble
from ..sample import Instant, Told

__all__ = [
    "MOST_BYTES",
    "Connecting",
    "Holding",
    "Source",
    "SourceError",
    "Stop",
    "now",
    "too_large",
]

MOST_BYTES = 64 << 20
"""Bytes of a file or pipe that are read at most; a stats text has 8,191 at most."""


class Stop(Protocol):
    """What ends a source; a threading.Event is one."""

    def is_set(self) -> bool:
        """Whether it is time to end."""

    def wait(self, timeout: float | None = None) -> bool:
        """Sleeps for `timeout` seconds at most; wakes up when it is time to end."""


class Means(StrEnum):
    """How a source comes by its samples, in words for the head line."""

    POLLED = "polled"
    WATCHED = "watched"
    LOOKED_AT = "looked at"
    STREAM = "stream"
    SERIES = "series"
    SIMULATED = "simulated"
    RECORDING = "recording"
    TRACED = "traced"


class Source(Protocol):
    """Where samples come from."""

    @property
    def label(self) -> str:
        """What a person called it."""

    @property
    def means(self) -> Means:
        """How it comes by its samples."""

    def items(self, stop: Stop) -> Iterator[Told]:
        """Samples, gaps and events as they come; ends when `stop` is set, or at the end."""


LIVELY = (Means.POLLED, Means.WATCHED, Means.LOOKED_AT, Means.TRACED)
"""Those that go on for ever, and should answer at each interval."""


def reason_of(error: Exception) -> str:
    """An error in a few words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


@runtime_checkable
class Holding(Protocol):
    """A source that can open what needs root before that is given up."""

    def hold(self) -> None:
        """Opens it, if it is there; it is kept open."""


@runtime_checkable
class Detouring(Protocol):
    """A source that goes another way when its own is closed. Its `means` then changes while it
    is read, and `detour` tells why; None while nothing is wrong."""

    detour: Trouble | None


@runtime_checkable
class Hearing(Protocol):
    """A source beside which it is heard who asks. `told`: where that is not as it was wanted."""

    told: str | None

    def begin(self) -> None:
        """Begins to hear; never raises."""


@runtime_checkable
class Connecting(Protocol):
    """A source that has to be connected to, which may ask the terminal for passwords."""

    def connect(self) -> None:
        """Raises SourceError when that fails."""


def too_large(shown: str, size: str) -> SourceError:
    """For what is longer than MOST_BYTES."""
    return SourceError(
        Trouble(
            "too-large",
            f"has {size}, more than the {MOST_BYTES >> 20} MiB that are read",
            "cut out the part with the statistics",
            shown,
        )
    )


def now() -> Instant:
    """This moment by the clock that goes on through suspend, and by the wall."""
    return Instant(time.clock_gettime(time.CLOCK_BOOTTIME), time.time())
