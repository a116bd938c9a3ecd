"""Feed: runs a source in a thread of its own and hands its items to the event loop.

Reading the stats file may block for seconds (it waits for the kernel's module
mutex), so it never happens on the loop. Items that come faster than they are
taken are handed over together.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable

from kmodtop_core.sample import Gap, Item, Why
from kmodtop_core.sources.base import Source, SourceError, now


class Feed:
    """`take` gets the items, in the loop's thread; `ended` is called when there are no more."""

    def __init__(
        self, source: Source, take: Callable[[list[Item]], None], ended: Callable[[], None]
    ) -> None:
        self._source, self._take, self._ended = source, take, ended
        self._stop = threading.Event()
        self._items: deque[Item] = deque()
        self._handed = threading.Event()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to read."""
        self._loop = loop
        threading.Thread(target=self._run, name="source", daemon=True).start()

    def stop(self) -> None:
        """Ends soon; does not wait for a read that the kernel holds up."""
        self._stop.set()

    def _run(self) -> None:
        try:
            for item in self._source.items(self._stop):
                self._items.append(item)
                if not self._handed.is_set():
                    self._handed.set()
                    self._call(self._hand_over)
        except (OSError, SourceError) as error:
            self._items.append(Gap(now(), Why("source-failed", f"{self._source.label}: {error}")))
            self._call(self._hand_over)
        self._call(self._ended)

    def _call(self, what: Callable[[], None]) -> None:
        if self._stop.is_set() or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(what)

    def _hand_over(self) -> None:
        self._handed.clear()
        items = []
        while self._items:
            items.append(self._items.popleft())
        if items and not self._stop.is_set():
            self._take(items)
