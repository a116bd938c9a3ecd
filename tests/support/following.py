"""A source followed in a thread of its own."""

import queue
import threading
import time

from kmodtop_core.stats.parse import render
from kmodtop_core.tracking.tracker import Tracker
from support.samples import dup, stats

PATIENCE = 5.0
"""Seconds after which a test gives up; generous, as other programs run too."""


class Follower:
    """Runs a source in a thread and a tracker over what it yields; frames come by a queue."""

    def __init__(self, source):
        self._stop = threading.Event()
        self._frames = queue.Queue()
        self.seen = []
        self._thread = threading.Thread(target=self._run, args=(source,))
        self._thread.start()

    def _run(self, source):
        tracker = Tracker()
        for item in source.items(self._stop):
            self._frames.put((time.monotonic(), item, tracker.observe(item)))
        self._frames.put(None)

    def until(self, wanted):
        """The first frame that is wanted; all that came before are kept in `seen`."""
        give_up = time.monotonic() + PATIENCE
        while True:
            entry = self._frames.get(timeout=max(0.01, give_up - time.monotonic()))
            assert entry is not None, "the source ended"
            self.seen.append(entry)
            if wanted(entry[2]):
                return entry[2]

    def count(self, number):
        """The first frame with so many becoming failures."""
        return self.until(lambda f: f.block is not None and f.block.stats.failures == number)

    def ended(self):
        """Waits until the source has come to its end by itself."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the source did not end"

    def close(self):
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the source did not stop"


def text(number):
    """Statistics with so many failures, all of one module."""
    return render(stats(dup("kvm", number))) if number else render(stats())
