"""Feed: runs a source in a thread of its own and hands its items to the event loop.

Reading the stats file may block for seconds (it waits for the kernel's module
mutex), so it never happens on the loop. Reading begins before there is a loop,
while textual is being imported. Items that come faster than they are taken are
handed over together.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from kmodtop_core.errors import SourceError
from kmodtop_core.sample import Gap, Told
from kmodtop_core.sources.base import Connecting, Source, now, read_on

if TYPE_CHECKING:
    import asyncio


class Feed:
    """Items of a source: from `start` on they are collected, from `connect` on handed over."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._stop = threading.Event()
        self._items: deque[Told] = deque()
        self._arrived = threading.Event()
        self._lock = threading.Lock()
        self._has_ended = False
        self._scheduled = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begins to read; does nothing the second time: a source has one reader."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="source", daemon=True)
            self._thread.start()

    def first(self, patience: float) -> Told | None:
        """The first item, if it comes within `patience` seconds; it stays to be handed over."""
        return self._items[0] if self._arrived.wait(patience) and self._items else None

    def connect(
        self,
        loop: "asyncio.AbstractEventLoop",
        take: Callable[[list[Told]], None],
        ended: Callable[[], None],
    ) -> None:
        """From now on `take` gets the items in the loop's thread; `ended` is called at the end."""
        self._take, self._ended = take, ended
        with self._lock:
            self._loop = loop
        self._schedule()

    def stop(self) -> None:
        """Ends soon; does not wait for a read that the kernel holds up."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Lets a source that has children end them: an ssh ends with whoever wanted it."""
        if self._thread is not None and isinstance(self.source, Connecting):
            self._thread.join(max(0.0, seconds))

    def _run(self) -> None:
        try:
            for item in read_on(self.source, self._stop):
                self._items.append(item)
                self._arrived.set()
                self._schedule()
        except SourceError as error:
            self._items.append(Gap(now(), error.why))
        self._has_ended = True
        self._arrived.set()
        self._schedule()

    def _schedule(self) -> None:
        """One hand-over at a time, however many items come in between."""
        with self._lock:
            if self._loop is None or self._scheduled or self._stop.is_set():
                return
            if self._loop.is_closed():
                return
            self._scheduled = True
            self._loop.call_soon_threadsafe(self._hand_over)

    def _hand_over(self) -> None:
        with self._lock:
            self._scheduled = False
            over = self._has_ended
            items = [self._items.popleft() for _ in range(len(self._items))]
        if self._stop.is_set():
            return
        if items:
            self._take(items)
        if over:
            self._ended()
