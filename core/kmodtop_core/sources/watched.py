"""Regular files: watched through their folder, read when something happens there.

A watch on the file itself goes deaf after the first rename over it, so the
folder is watched, and that of a link's target. A look at the clock's pace sees
what no event tells: links that moved, folders that were replaced.
"""

import os
from collections.abc import Iterator

from ..errors import SourceError, Trouble
from ..machine.access import why_unreadable
from ..machine.facts import Machine
from ..plain import harmless
from ..sample import Gap, Instant, Item, Sample
from ..stats.parse import split
from .base import Means, Stop, now, reason_of
from .bounded import open_file, pread_all

_LOOK_S = 0.25
"""Seconds between looks when no event comes."""

_STEP_MS, _DEBOUNCE_MS = 50, 150
"""How long events are collected: until 50 ms are quiet, at most 150 ms."""

_SETTLED_S = 0.6
"""Seconds without a write after which a text counts as whole."""

_UNWATCHED_S = 20.0
"""Seconds until folders that could not be watched are tried again."""

State = tuple[int, int, int, int, int]


class WatchedFile:
    """Follows the file at `path`, which may come and go.

    Yields what changed at once, and every `interval` seconds that nothing did. Where folders
    cannot be watched it looks by the clock, and `detour` tells why.
    """

    def __init__(self, path: str, interval: float, machine: Machine) -> None:
        self.label = path
        self.means = Means.WATCHED
        self.detour: Trouble | None = None
        self._path, self._interval, self._machine = path, interval, machine
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
        yield from self._look()
        while not stop.is_set():
            for _ in self._events(stop):
                yield from self._look()

    def _events(self, stop: Stop) -> Iterator[None]:
        """Ticks whenever something happened in the watched folders, and at the pace of a look.

        Ends when the folders to be watched have changed, or one is missing.
        """
        folders = self._folders()
        if not folders:
            stop.wait(_LOOK_S / 2)
            yield
            return
        try:
            from watchfiles import watch  # takes 50 ms: a reader has something to see meanwhile

            yield
            for _ in watch(
                *(path for path, _ in folders),
                watch_filter=None,
                debounce=_DEBOUNCE_MS,
                step=_STEP_MS,
                stop_event=stop,
                rust_timeout=int(_LOOK_S * 1000),
                yield_on_timeout=True,
                recursive=False,
            ):
                self.means, self.detour = Means.WATCHED, None
                yield
                if self._folders() != folders:
                    return
        except Exception as error:
            if self._folders() == folders:
                yield from self._by_the_clock(error, stop)

    def _by_the_clock(self, error: Exception, stop: Stop) -> Iterator[None]:
        """Ticks for a while: inotify's limits are used up, descriptors are, a name in the folder
        cannot be read by the library, or it is at fault."""
        what = f"cannot be watched ({reason_of(error)})"
        fix = f"looked at every {_LOOK_S:g} s instead"
        self.detour = Trouble("not-watched", what, fix, self.label)
        self.means = Means.LOOKED_AT
        until = now().uptime + _UNWATCHED_S
        while now().uptime < until and not stop.wait(_LOOK_S):
            yield

    def _folders(self) -> list[tuple[str, tuple[int, int]]]:
        """Folders of the path and of what it links to, with identities; existing ones only."""
        absolute = os.path.abspath(self._path)
        names = dict.fromkeys(os.path.dirname(p) for p in (absolute, os.path.realpath(absolute)))
        found = []
        for name in names:
            try:
                info = os.stat(name)
            except OSError:
                continue
            found.append((name, (info.st_dev, info.st_ino)))
        return found

    def _look(self) -> Iterator[Item]:
        """What there is to tell now."""
        at = now()
        try:
            info = os.stat(self._path)
        except OSError as error:
            yield from self._missing(at, error)
            return
        state = (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
        if state != self._state:
            age = (at.wall or 0) - info.st_mtime
            self._written = at if age < _SETTLED_S else at._replace(uptime=at.uptime - age)
            yield from self._changed(at, state)
        elif not self._settled and at.uptime - self._written.uptime >= _SETTLED_S:
            yield from self._changed(at, state)
        elif at.uptime - self._told.uptime >= self._interval and self._last is not None:
            yield from self._tell(_again(self._last, at))

    def _missing(self, at: Instant, error: OSError) -> Iterator[Item]:
        """Gaps, but not for the instant between a file's removal and its return."""
        gone = self._state is not None
        if gone:
            self._state, self._settled = None, False
            self._written = at
        known = isinstance(self._last, Sample)
        if known and at.uptime - self._written.uptime < _LOOK_S / 2:
            return
        first = not isinstance(self._last, Gap)
        if first or at.uptime - self._told.uptime >= self._interval:
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
