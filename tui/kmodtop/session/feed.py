"""Feed: runs a source in a thread and hands its items to the event loop.

Reading the stats file may block for seconds (it waits for the kernel's module
mutex), so it never happens on the loop. Reading begins before there is a loop,
while textual is being imported. Items that come faster than they are taken are
handed over together. A source has its thread to itself, or shares it by `rounds`.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from kmodtop_core.errors import SourceError
from kmodtop_core.sample import Gap, Told
from kmodtop_core.sources.base import Connecting, Source, now
from kmodtop_core.sources.turns import read_on

if TYPE_CHECKING:
    import asyncio


class Shared(Protocol):
    """A thread that reads several sources in turn."""

    def join(self, feed: "Feed") -> None:
        """The feed's source, too."""

    def start(self) -> None:
        """Begins to read; does nothing the second time."""

    def leave(self) -> None:
        """Some feed was stopped."""


class Feed:
    """Items of a source: from `start` on they are collected, from `connect` on handed over."""

    def __init__(self, source: Source, rounds: Shared | None = None) -> None:
        self.source = source
        self._rounds = rounds
        self._stop = threading.Event()
        self._items: deque[Told] = deque()
        self._arrived = threading.Event()
        self._lock = threading.Lock()
        self._has_ended = False
        self._scheduled = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        if rounds is not None:
            rounds.join(self)

    def start(self) -> None:
        """Begins to read; does nothing the second time: a source has one reader."""
        if self._rounds is not None:
            self._rounds.start()
        elif self._thread is None:
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
        self.hand_over()

    def stop(self) -> None:
        """Ends soon; does not wait for a read that the kernel holds up."""
        self._stop.set()
        if self._rounds is not None:
            self._rounds.leave()

    @property
    def is_stopped(self) -> bool:
        """Whether nobody wants any more of it."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> None:
        """Lets a source that has children end them: an ssh ends with whoever wanted it."""
        if self._thread is not None and isinstance(self.source, Connecting):
            self._thread.join(max(0.0, seconds))

    def _run(self) -> None:
        try:
            for item in read_on(self.source, self._stop):
                self.put(item)
                self.hand_over()
        except SourceError as error:
            self.put(Gap(now(), error.why))
        self.end()
        self.hand_over()

    # ---- for whoever reads the source --------------------------------------

    def put(self, item: Told) -> None:
        """An item that was read."""
        self._items.append(item)
        self._arrived.set()

    def end(self) -> None:
        """There will be no more."""
        self._has_ended = True
        self._arrived.set()

    def hand_over(self) -> None:
        """Once in a pass of the loop, however many items come in between."""
        with self._lock:
            if self._loop is None or self._scheduled or self._stop.is_set():
                return
            if self._loop.is_closed() or not (self._items or self._has_ended):
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
