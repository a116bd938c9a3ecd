"""Regular files: read when they have changed, which is looked for in `watching`."""

import os
from collections.abc import Iterator

from ..errors import SourceError, Trouble
from ..machine.access import why_unreadable
from ..machine.facts import Machine
from ..plain import harmless
from ..sample import Gap, Instant, Item, Sample
from ..stats.parse import split
from .base import Means, Stop, now
from .bounded import open_file, pread_all
from .turns import Rest, Step
from .watching import STEP_S, watching

_SETTLED_S = 0.6
"""Seconds without a write after which a text counts as whole."""

_GONE_S = 0.125
"""Seconds for which a file may be away while it is replaced."""

State = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last write and of the last change of any kind (ns)."""


class WatchedFile:
    """Follows the file at `path`, which may come and go.

    Yields what changed at once, and every `interval` seconds that nothing did. `means` and
    `detour` are of whoever looks when it changes.
    """

    def __init__(self, path: str, interval: float, machine: Machine) -> None:
        self.label = path
        self.means = Means.WATCHED
        self.detour: Trouble | None = None
        self._path, self.interval, self._machine = path, interval, machine
        try:
            self._absolute = os.path.abspath(path)
        except OSError:  # the working directory was removed
            self._absolute = path
        self._state: State | None = None
        self._written = now()
        self._settled = False
        self._told = Instant(float("-inf"))
        self._last: Item | None = None
        self._base = 0
        self._sent = b""
        self._delivered: list[int] = []

    def items(self, stop: Stop) -> Iterator[Item]:
        """Samples on each change and each interval, gaps while the file is not there."""
        for _ in watching([self], stop):
            yield from self.look()

    def steps(self) -> Iterator[Step]:
        """The same by the clock, for whoever watches its folder for it."""
        while True:
            yield from self.look()
            yield Rest(STEP_S)

    # ---- for whoever looks when it changes ---------------------------------

    def paths(self) -> list[str]:
        """Where it is, and what it links to."""
        return list(dict.fromkeys((self._absolute, os.path.realpath(self._absolute))))

    def is_due(self) -> bool:
        """Whether there is something to be looked at: another file stands there, it was written
        to since, or a text that may have been half written has stood for long enough."""
        try:
            if _state_of(os.stat(self._path)) != self._state:
                return True
        except OSError:
            return self._state is not None
        return not self._settled and now().uptime - self._written.uptime >= _SETTLED_S

    def look(self) -> Iterator[Item]:
        """What there is to tell now."""
        at = now()
        try:
            info = os.stat(self._path)
        except OSError as error:
            yield from self._missing(at, error)
            return
        state = _state_of(info)
        if state != self._state:
            age = (at.wall or 0) - info.st_mtime
            if self._is_put_there(state):
                age = max(age, 2 * _SETTLED_S)
            self._written = at if age < _SETTLED_S else at._replace(uptime=at.uptime - age)
            yield from self._changed(at, state)
        elif not self._settled and at.uptime - self._written.uptime >= _SETTLED_S:
            yield from self._changed(at, state)
        elif at.uptime - self._told.uptime >= self.interval and self._last is not None:
            yield from self._tell(_again(self._last, at))

    def _is_put_there(self, state: State) -> bool:
        """Whether it has taken the place of another, or of none, after it was written: by a
        rename (rename(2) marks the change of status, not that of the contents)."""
        is_new = self._last is not None and (self._state is None or self._state[:2] != state[:2])
        return is_new and state[4] > state[3]

    def _missing(self, at: Instant, error: OSError) -> Iterator[Item]:
        """Gaps, but not for the instant between a file's removal and its return."""
        gone = self._state is not None
        if gone:
            self._state, self._settled = None, False
            self._written = at
        known = isinstance(self._last, Sample)
        if known and at.uptime - self._written.uptime < _GONE_S:
            return
        first = not isinstance(self._last, Gap)
        if first or at.uptime - self._told.uptime >= self.interval:
            yield from self._tell(Gap(at, why_unreadable(self._path, error, self._machine)))

    def _changed(self, at: Instant, state: State) -> Iterator[Item]:
        same_file = self._state is not None and self._state[:2] == state[:2]
        self._settled = at.uptime - self._written.uptime >= _SETTLED_S
        try:
            texts = self._texts(state[2], same_file)
        except SourceError as error:
            self._state = state
            yield from self._tell(Gap(at, error.why))
            return
        except OSError as error:
            yield from self._tell(Gap(at, why_unreadable(self._path, error, self._machine)))
            return
        self._state = state
        for text in texts[:-1]:
            yield from self._tell(Sample(at, text))
        yield from self._tell(Sample(at, texts[-1], settled=self._settled))

    def _texts(self, size: int, same_file: bool) -> list[bytes]:
        """The stats texts that are new in the file; at least the last one."""
        shown = harmless(self._path)
        fd = open_file(self._path, self._machine)
        try:
            if same_file and self._base and size >= self._base + len(self._sent):
                data = pread_all(fd, shown, self._base)
                if data.startswith(self._sent):
                    return self._remember(data, self._base, self._delivered[:-1])
            return self._remember(pread_all(fd, shown), 0, [])
        finally:
            os.close(fd)

    def _remember(self, data: bytes, base: int, known: list[int]) -> list[bytes]:
        """The texts of `data` that were not delivered; notes where the last begins.

        `base` is where `data` begins in the file, `known` what was delivered before that.
        A file that was replaced by itself and more, as editors do, is no new story.
        """
        texts = split(data)
        marks = known + [hash(text) for text in texts]
        same = 0
        while same < min(len(marks), len(self._delivered)) and marks[same] == self._delivered[same]:
            same += 1
        grown = len(self._delivered) > 1 and same >= len(self._delivered) - 1
        new = texts[max(0, same - len(known)) :] if grown else texts
        self._delivered = marks
        self._base = base + (data.rfind(texts[-1]) if len(marks) > 1 else 0)
        self._sent = texts[-1] if len(marks) > 1 else b""
        return new or texts[-1:]

    def _tell(self, item: Item) -> Iterator[Item]:
        self._told, self._last = item.at, item
        yield item


def _again(item: Item, at: Instant) -> Item:
    """The same, seen once more."""
    return item._replace(at=at, fresh=False) if isinstance(item, Sample) else item._replace(at=at)


def _state_of(info: os.stat_result) -> State:
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
