"""Merge: the boots of many recordings in one, each boot once.

Parts of one boot, as of a recorder that was restarted with another file, go
together in the order of their times; what several of them tell is taken once.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol, TypeVar

from ..errors import SourceError
from .reading import Boot
from .recorder import Recorder
from .tape import Tape
from .upgrade import open_indexed


class Part(NamedTuple):
    """A boot of one of the recordings. `texts`: how many there are of it; `begin`: seconds since
    boot of its first item."""

    path: str
    boot: Boot
    texts: int
    begin: float

    @property
    def key(self) -> object:
        """The same for parts of one boot; what has no boot id is a boot of its own."""
        return self.boot.boot_id or (self.path, self.boot.id)


def parts_of(paths: Iterable[str], tell: Callable[[SourceError], None]) -> list[Part]:
    """All boots of the recordings, oldest first, parts of one boot together; `tell` gets what
    cannot be read."""
    found = []
    for path in dict.fromkeys(paths):
        try:
            recording = open_indexed(path)
            try:
                for boot in recording.boots():
                    begin = Tape(recording, boot).begin
                    found.append(Part(path, boot, recording.counts(boot)[0], begin))
            finally:
                recording.close()
        except SourceError as error:
            tell(error)
    return in_order(found)


class _Part(Protocol):
    @property
    def boot(self) -> Boot:
        """What it is of."""

    @property
    def begin(self) -> float:
        """Seconds since boot of its first item."""

    @property
    def key(self) -> object:
        """The same for parts of one boot."""


_Any = TypeVar("_Any", bound=_Part)


def in_order(parts: Iterable[_Any]) -> list[_Any]:
    """Boots by when each was first met, parts of one boot together, the earlier before the
    later."""
    found, first = list(parts), dict[object, float]()
    for part in found:
        met = part.boot.wall or 0.0
        first[part.key] = min(met, first.get(part.key, met))
    return sorted(found, key=lambda part: (first[part.key], str(part.key), part.begin))


def merge(
    parts: Iterable[Part], recorder: Recorder, tell: Callable[[SourceError], None]
) -> Iterator[None]:
    """Writes the parts, which are in order; ticks after each item. Of what is damaged, `tell` gets
    the reason, and what was read until there stays. Raises sqlite3.Error.
    """
    key: object = None
    until = float("-inf")
    for part in parts:
        if part.key != key:
            key, until = part.key, _known(recorder, part.boot)
        recorder.turn_to(part.boot)
        try:
            for at in _write(part, recorder, until):
                until = max(until, at)
                yield
        except SourceError as error:
            tell(error)


def _known(recorder: Recorder, boot: Boot) -> float:
    """Seconds since boot up to which there is something of that boot already."""
    for other in recorder.recording.boots():
        if boot.boot_id is not None and other.boot_id == boot.boot_id:
            return Tape(recorder.recording, other).end
    return float("-inf")


def _write(part: Part, recorder: Recorder, after: float) -> Iterator[float]:
    recording = open_indexed(part.path)
    try:
        for item in recording.items(part.boot):
            if item.at.uptime > after:
                recorder.observe(item)
            yield item.at.uptime
        recorder.keep(recording.evidence(part.boot))
        for _, events in recording.heard(part.boot):
            recorder.hear(events)
    finally:
        recording.close()
