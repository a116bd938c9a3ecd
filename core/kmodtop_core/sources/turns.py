"""Turns: a source is read until it rests, and goes on whatever happens to it.

A source that tells when it rests can share a thread with others; one that does
not has a thread to itself.
"""

from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple, Protocol, runtime_checkable

from ..errors import SourceError, Trouble
from ..sample import Gap, Told
from .base import LIVELY, Source, Stop, now, reason_of


class Rest(NamedTuple):
    """Nothing is to be done for so many seconds."""

    seconds: float


Step = Told | Rest


@runtime_checkable
class Sharing(Protocol):
    """A source that waits for nothing but the file that it reads."""

    def steps(self) -> Iterator[Step]:
        """Its items, and the rests between."""


def alone(steps: Iterator[Step], stop: Stop) -> Iterator[Told]:
    """The items of a source that has its thread to itself, until `stop` is set."""
    try:
        for step in steps:
            if not isinstance(step, Rest):
                yield step
            elif step.seconds > 0:
                stop.wait(step.seconds)
            if stop.is_set():
                return
    finally:
        close = getattr(steps, "close", None)
        if close is not None:
            close()


def read_on(source: Source, stop: Stop) -> Iterator[Told]:
    """The items of a source, whatever happens to it: what ends it is a gap, then it is tried again.

    Raises SourceError where it has found that it can never continue, or cannot be restarted.
    """
    return alone(_again(source, lambda: source.items(stop)), stop)


def turns(source: Source) -> Generator[Step, None, None]:
    """The same of a source that shares its thread."""
    if not isinstance(source, Sharing):
        raise TypeError(f"{source.label} cannot share a thread")
    return _again(source, source.steps)


_AGAIN_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds until a source that failed is tried again."""


def _again(source: Source, begin: Callable[[], Iterator[Step]]) -> Generator[Step, None, None]:
    failures, tries = 0, source.means in LIVELY
    while True:
        try:
            for step in begin():
                failures = failures if isinstance(step, Rest) else 0
                yield step
            return
        except SourceError:
            raise
        except Exception as error:
            if not tries:
                raise SourceError(_failure(source, error, "try another")) from error
            pause = _AGAIN_S[min(failures, len(_AGAIN_S) - 1)]
            failures += 1
            yield from _failed(source, error, pause)


def _failure(source: Source, error: Exception, fix: str) -> Trouble:
    return Trouble("source-failed", f"reading failed ({reason_of(error)})", fix, source.label)


def _failed(source: Source, error: Exception, pause: float) -> Iterator[Step]:
    why = _failure(source, error, "kmodtop keeps trying")
    again = now().uptime + pause
    while (left := again - now().uptime) > 0:
        yield Gap(now(), why)
        yield Rest(min(left, 1.0))
