"""Sink: a recording, and what it has not taken yet, while the disk is full or still read-only."""

import errno
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from ..errors import SourceError, Trouble
from ..machine.facts import Machine
from ..machine.folders import recordings_folder
from ..sample import Events, Gap, Sample, Told
from ..tracking.frame import Frame
from .recorder import Recorder
from .rescue import restore
from .store import Store

_MOST_WAITING = 32 << 20
"""Bytes of readings that are kept in memory while the disk takes none."""

_ITEM_BYTES = 600
"""Bytes that a reading takes besides its text, by tracemalloc."""

_SHRINK_EVERY = 20
"""Changes between looks at how large the file is."""

_LOOK_S = 1.0
"""Seconds of the source's time between looks at whether the file is still there."""


class Waiting:
    """Readings in order, bounded in bytes. Of those that found nothing new the last is kept."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._items: deque[Told] = deque()
        self.lost = 0

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Told) -> None:
        """At the end; when there are too many, the oldest is lost."""
        items = self._items
        if len(items) > 1 and _same(items[-1], item) and _same(items[-2], item):
            self._bytes -= _cost(items.pop())
        last = items[-1] if items else None
        if isinstance(item, Sample) and isinstance(last, Sample) and _same(last, item):
            item = item._replace(text=last.text)
        items.append(item)
        self._bytes += _cost(item)
        while self._bytes > self._most and len(items) > 1:
            self._bytes -= _cost(items.popleft())
            self.lost += 1

    def first(self) -> Told:
        """The oldest."""
        return self._items[0]

    def done(self) -> None:
        """The oldest has been written."""
        self._bytes -= _cost(self._items.popleft())


def _same(one: Told, other: Told) -> bool:
    """Whether they differ in nothing but their time."""
    if isinstance(one, Sample) and isinstance(other, Sample):
        return (one.text, one.host, one.fresh, one.settled) == (
            other.text, other.host, other.fresh, other.settled,
        )  # fmt: skip
    return isinstance(one, Gap) and isinstance(other, Gap) and one.why == other.why


def _cost(item: Told) -> int:
    if isinstance(item, Events):
        return _ITEM_BYTES + len(item.data)
    return _ITEM_BYTES + (len(item.text) if isinstance(item, Sample) else 0)


class Sink:
    """Writes items into the recording at `path`, in order; those that cannot be written yet wait.

    `tell` gets a sentence when writing fails, and when it works again. Raises SourceError at once
    for a place that will never be writable. `most`: bytes that the file may have; `mode`: its
    permissions, if it is made.
    """

    def __init__(
        self,
        path: str,
        version: str,
        tell: Callable[[str], None],
        machine: Machine,
        most: int | None = None,
        mode: int = 0o600,
    ) -> None:
        self.path, self._version, self._tell_person = path, version, tell
        self._cmdline, self._most, self._mode = machine.read("/proc/cmdline"), most, mode
        self._waiting = Waiting(_MOST_WAITING)
        self._recorder: Recorder | None = None
        self._rescued: Store | None = None
        self._told = False
        self._looked = self._failed = float("-inf")
        self._latest: Frame | None = None
        self.changes = 0
        self._open()

    def _open(self) -> Recorder | None:
        if self._recorder is None:
            try:
                self._make_folder()
                self._recorder = self._record()
            except SourceError as error:
                if error.why.code != "read-only" and not self.changes:
                    raise
                self._tell(error.why.sentence)
        return self._recorder

    def _record(self) -> Recorder:
        """A recorder at the path, with what was rescued of a file that was deleted."""
        if self._rescued is not None:
            restore(self._rescued, self.path, self._mode)
            self._rescued = None
        return Recorder(self.path, self._version, self._cmdline, self._mode)

    def _make_folder(self) -> None:
        """Of the default place only: elsewhere a missing folder is a mistake."""
        if os.path.dirname(self.path) == recordings_folder():
            try:
                os.makedirs(recordings_folder(), mode=0o700, exist_ok=True)
            except OSError as error:
                code = "read-only" if error.errno == errno.EROFS else "unwritable"
                what = f"cannot be made ({error.strerror})"
                raise SourceError(Trouble(code, what, "use -o", self.path)) from None

    @property
    def latest(self) -> Frame | None:
        """What the last item that was written amounts to."""
        return self._latest

    @property
    def lost(self) -> int:
        """Readings that could not be kept."""
        return self._waiting.lost

    def has_boot(self, boot_id: str | None) -> bool:
        """Whether the recording knows that boot already."""
        boots = self._recorder.recording.boots() if self._recorder else []
        return boot_id is not None and any(boot.boot_id == boot_id for boot in boots)

    def write(self, item: Told) -> int:
        """Writes the item after all that waits; returns the number of changes written."""
        self._waiting.add(item)
        at, changes = item.at.uptime, 0
        if self._told and 0 <= at - self._failed < _LOOK_S:
            return 0  # each attempt begins with all that is known of the boot
        try:
            if not 0 <= at - self._looked < _LOOK_S:
                self._looked = at
                self._restart_if_lost()
            recorder = self._open()
            while recorder is not None and len(self._waiting):
                changes += recorder.write(self._waiting.first())
                self._waiting.done()
                self._latest = recorder.tracker.latest
            self._shrink(changes)
        except (sqlite3.Error, OSError) as error:
            self._failed = at
            self._tell(f"{self.path}: cannot be written ({error})")
            self.changes += changes
            return changes
        if recorder is not None and self._told:
            self._told = False
            self._tell_person(f"{self.path}: can be written now")
        return changes

    def keep(self, pieces: Mapping[str, bytes]) -> None:
        """Keeps evidence of the present boot where that can be written; texts matter more."""
        if self._recorder is not None:
            with suppress(sqlite3.Error):
                self._recorder.keep(pieces)

    def _restart_if_lost(self) -> None:
        """A file that was moved away keeps what it has; one that was deleted is rewritten."""
        recorder = self._recorder
        how = recorder.is_lost() if recorder is not None else ""
        if recorder is None or not how:
            return
        if how == "deleted":
            self._rescued = recorder.rescue()
        self._recorder = None
        recorder.abandon(how)
        kept = "all it had" if self._rescued else "what comes from now on"
        self._tell_person(
            f"{self.path}: was {how} while it was written; {kept} goes into a new one"
        )

    def _shrink(self, changes: int) -> None:
        """Lets the oldest boots go, then the older part of this one."""
        before, self.changes = self.changes, self.changes + changes
        if (
            self._most
            and self._recorder
            and before // _SHRINK_EVERY != self.changes // _SHRINK_EVERY
        ):
            self._recorder.shrink(self._most)

    def _tell(self, why: str) -> None:
        if not self._told:
            most = _MOST_WAITING >> 20
            self._tell_person(f"{why}; up to {most} MiB of readings are kept until then")
        self._told = True

    def close(self) -> None:
        """Writes what still waits, and notes the end; reports what is lost."""
        try:
            self._restart_if_lost()
            recorder = self._open()
            while recorder is not None and len(self._waiting):
                self.changes += recorder.write(self._waiting.first())
                self._waiting.done()
            if recorder is not None:
                if self._most:
                    recorder.shrink(self._most)
                recorder.close()
        except (sqlite3.Error, OSError) as error:
            self._tell_person(f"{self.path}: cannot be written ({error})")
        except SourceError as error:
            self._tell_person(str(error))
        self._waiting.lost += len(self._waiting)
        if self._waiting.lost:
            self._tell_person(f"{self.path}: {self._waiting.lost:,} readings are lost")
