"""Rounds: several sources in one thread.

Sixty-four hosts' files need no sixty-four threads, each woken by itself: who is
due at about the same time is read in one go. Where the kernel holds up a read
(a dead mount, its module mutex) for more than a second, the others go on in
another thread.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from kmodtop_core.errors import SourceError
from kmodtop_core.sample import Gap
from kmodtop_core.sources.base import Source, now
from kmodtop_core.sources.turns import Rest, Sharing, turns
from kmodtop_core.sources.watched import WatchedFile
from kmodtop_core.sources.watching import watching

from .feed import Feed

_SLACK_S = 0.05
"""Seconds within which what is due is read together."""

_HELD_S = 1.0
"""Seconds after which a read counts as held up."""


class _Member:
    """A feed, where its source has got to, and when it is due (seconds of time.monotonic)."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.due = 0.0
        self._steps = turns(feed.source)

    def close(self) -> None:
        """What its source has open is closed."""
        self._steps.close()

    def turn(self) -> None:
        """Reads until the source rests."""
        try:
            for step in self._steps:
                if isinstance(step, Rest):
                    self.due = time.monotonic() + step.seconds
                    return
                self.feed.put(step)
        except SourceError as error:
            self.feed.put(Gap(now(), error.why))
        self.due = float("inf")
        self.feed.end()


class Rounds:
    """Feeds join before it is started; it ends when all of them are stopped."""

    def __init__(self) -> None:
        self._members: list[_Member] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._turn = 0
        self._held: tuple[_Member, float] | None = None

    def join(self, feed: Feed) -> None:
        """The feed's source is read in turn with the others."""
        self._members.append(_Member(feed))

    def leave(self) -> None:
        """Some feed was stopped."""
        if all(member.feed.is_stopped for member in self._members):
            self._stop.set()

    def start(self) -> None:
        """Begins to read; does nothing the second time."""
        if not self._turn:
            self._begin()
            threading.Thread(target=self._mind, name="minder", daemon=True).start()

    def _begin(self) -> None:
        self._turn += 1
        work = threading.Thread(target=self._run, args=(self._turn,), name="sources", daemon=True)
        work.start()

    def _mind(self) -> None:
        """Lets another thread go on with the others where a read is held up."""
        while not self._stop.wait(_HELD_S):
            with self._lock:
                held = self._held
                if held is not None and time.monotonic() - held[1] >= _HELD_S:
                    self._held = None
                    self._members.remove(held[0])
                    self._begin()

    def _run(self, turn: int) -> None:
        for _ in self._pauses(turn):
            for member in list(self._members):
                if member.feed.is_stopped or member.due > time.monotonic() + _SLACK_S / 2:
                    continue
                with self._lock:
                    if turn != self._turn:
                        return
                    self._held = member, time.monotonic()
                member.turn()
                member.feed.hand_over()
                with self._lock:
                    if turn != self._turn:  # it was held up, and others go on: now it is back
                        self._members.append(member)
                        return
                    self._held = None
        if turn == self._turn:
            for member in self._members:
                member.close()

    def _pauses(self, turn: int) -> Iterator[None]:
        """Ticks when somebody is due; none of them sooner than _SLACK_S after the last."""
        while not self._stop.is_set() and turn == self._turn:
            yield
            due = min((member.due for member in self._members), default=float("inf"))
            self._stop.wait(min(max(_SLACK_S, due - time.monotonic()), _HELD_S))


class Watch(Rounds):
    """Regular files: all of them are looked at whenever one of them may have changed. Those of
    file systems that can hold up a read are no such files: they are polled."""

    def _mind(self) -> None:
        """Nobody is held up."""

    def _pauses(self, turn: int) -> Iterator[None]:
        files: list[Any] = [member.feed.source for member in self._members]
        while not self._stop.is_set():
            with suppress(OSError):  # of a folder that went in this moment
                for _ in watching(files, self._stop):
                    for member in self._members:
                        member.due = 0.0
                    yield
            self._stop.wait(_SLACK_S)


def feeds_of(sources: Sequence[Source]) -> list[Feed]:
    """A feed for each; those that can share a thread with their like."""
    shared: dict[type[Source], Rounds] = {}
    feeds = []
    for source in sources:
        rounds = None
        if isinstance(source, Sharing) and len(sources) > 1:
            kind = type(source)
            make = Watch if isinstance(source, WatchedFile) else Rounds
            rounds = shared[kind] = shared.get(kind) or make()
        feeds.append(Feed(source, rounds))
    return feeds
