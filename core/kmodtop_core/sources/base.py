"""What every source has, and the clock that all of them stamp with."""

import time
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from ..sample import Instant, Item, Sample, SourceError, Why

__all__ = [
    "MOST_BYTES",
    "Connecting",
    "Holding",
    "Pace",
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


class Source(Protocol):
    """`label` is what a person called it; `pace` is how it comes by its samples."""

    label: str
    pace: str

    def items(self, stop: Stop) -> Iterator[Item]:
        """Samples and gaps as they come; ends when `stop` is set, or when there is no more."""


class Pace:
    """Seconds between readings: `interval` while texts change, then ever more up to `slowest`."""

    def __init__(self, interval: float, slowest: float | None) -> None:
        self._interval, self._slowest = interval, max(slowest or interval, interval)
        self._wait = interval
        self._last: bytes | None = None

    def after(self, item: Item) -> float:
        """Seconds to wait after that item."""
        text = item.text if isinstance(item, Sample) else None
        moved = text is not None and text != self._last
        self._wait = self._interval if moved else min(self._slowest, self._wait * 1.5)
        self._last = text
        return self._wait


@runtime_checkable
class Holding(Protocol):
    """A source that can open what needs root before that is given up."""

    def hold(self) -> None:
        """Opens it, if it is there; it is kept open."""


@runtime_checkable
class Connecting(Protocol):
    """A source that has to be connected to, which may ask the terminal for passwords."""

    def connect(self) -> None:
        """Raises SourceError when that fails."""


def too_large(shown: str, size: str) -> SourceError:
    """For what is longer than MOST_BYTES."""
    return SourceError(
        Why(
            "too-large",
            f"{shown}: has {size}, more than the {MOST_BYTES >> 20} MiB that are read;"
            " cut out the part with the statistics",
        )
    )


def now() -> Instant:
    """This moment by the clock that goes on through suspend, and by the wall."""
    return Instant(time.clock_gettime(time.CLOCK_BOOTTIME), time.time())
