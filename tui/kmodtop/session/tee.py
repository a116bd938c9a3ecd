"""Tee: writes what a live view sees into a recording, in a thread of its own.

A disk may hang or fill up; neither may hold up the view.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.recording.retrying import Sink
from kmodtop_core.sample import Told

from .. import __version__

_MOST_QUEUED = 4_000
"""Readings that wait for a disk that hangs, of 8 KiB each at most."""

_PATIENCE_S = 1.0
"""Seconds that the end waits for a disk that hangs."""


class Tee:
    """Records into `path`. Raises SourceError when that cannot be written.

    `tell` is called, in the thread, with sentences for the reader; until somebody sets it
    they are collected in `told`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.failed = self._closed = False
        self._dropped = 0
        self.told: list[str] = []
        self.tell: Callable[[str], None] = self.told.append
        self._sink = Sink(path, __version__, lambda sentence: self.tell(sentence), Machine())
        self._items: queue.SimpleQueue[Told | Mapping[str, bytes] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="tee", daemon=True)
        self._thread.start()

    def keep_past(self, items: Iterable[Told]) -> None:
        """Takes all that was seen before, which has its bound elsewhere."""
        for item in items:
            self._items.put(item)

    def keep(self, items: Iterable[Told]) -> None:
        """Takes the items; they are written soon. While the disk hangs, some are lost at last."""
        for item in items:
            if self.failed or self._items.qsize() >= _MOST_QUEUED:
                self._dropped += 1
            else:
                self._items.put(item)

    def know(self, pieces: Mapping[str, bytes]) -> None:
        """Evidence of the boot that is recorded; kept beside the texts."""
        self._items.put(pieces)

    def close(self) -> None:
        """Writes what is left, unless the disk hangs, and tells what could not be written."""
        if self._closed or self._thread is threading.current_thread():
            return
        self._closed = True
        self._items.put(None)
        before = -1
        while self._thread.is_alive() and self.changes != before:
            before = self.changes
            self._thread.join(_PATIENCE_S)
        if self._thread.is_alive():
            self._dropped += max(0, self._items.qsize() - 1)
        if self._dropped:
            self.tell(f"{self.path}: {self._dropped:,} readings are lost, the disk took none")

    @property
    def lost(self) -> int:
        """Readings that could not be kept."""
        return self._dropped + self._sink.lost

    @property
    def changes(self) -> int:
        """Changes that were written."""
        return self._sink.changes

    def _run(self) -> None:
        try:
            while (item := self._items.get()) is not None:
                if isinstance(item, Mapping):
                    self._sink.keep(item)
                else:
                    self._sink.write(item)
            self._sink.close()
        except (SourceError, sqlite3.Error, OSError) as error:
            self.tell(f"{error}; nothing is recorded any more")
            self.failed = True
