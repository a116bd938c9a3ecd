"""Standard input and pipes: texts that come one after the other, or all at once."""

import os
import select
from collections.abc import Iterator

from ..errors import Trouble
from ..sample import Gap, Item, Sample
from ..stats.parse import split
from ..stats.pasted import explain
from .base import MOST_BYTES, Means, Stop, now

_QUIET_S = 0.3
"""Seconds of silence after which what has come is looked at."""

_SETTLED_S = 0.9
"""Seconds of silence after which nothing more of a text is expected."""

_LONGEST = 1 << 20
"""Bytes without a further stats text after which the older half is let go."""


class Stream:
    """Reads the descriptor `fd` until its end; each text is yielded when it has come."""

    means = Means.STREAM

    def __init__(self, fd: int, label: str, interval: float) -> None:
        self.label = label
        self._fd, self._interval = fd, interval
        self._buffer = b""
        self._useless = 0
        self._told, self._told_settled = b"", False
        self._last: Item | None = None

    def items(self, stop: Stop) -> Iterator[Item]:
        """A Sample for each text, and the last once more every interval; Gaps for the useless."""
        quiet = 0.0
        yield Gap(now(), Trouble("waiting", "nothing has come yet", subject=self.label))
        while not stop.is_set() and self._useless <= MOST_BYTES:
            ready, _, _ = select.select([self._fd], [], [], _QUIET_S)
            if ready:
                chunk = os.read(self._fd, 1 << 16)
                if not chunk:
                    break
                self._buffer += chunk
                quiet = 0.0
                yield from self._take_finished()
                continue
            quiet += _QUIET_S
            yield from self._take_last(settled=quiet > _SETTLED_S - _QUIET_S / 2)
            if quiet >= max(self._interval, _SETTLED_S) and self._last is not None:
                quiet = _SETTLED_S - _QUIET_S
                yield self._remember(_again(self._last))
        if self._useless <= MOST_BYTES:
            yield from self._take_last(settled=True)

    def _take_finished(self) -> Iterator[Item]:
        """The texts after which another one has begun; that one stays in the buffer."""
        texts = split(self._buffer)
        at = now()
        for text in texts[:-1]:
            if text != self._told or not self._told_settled:
                yield self._remember(Sample(at, text))
        if len(texts) > 1:
            self._buffer = self._buffer[self._buffer.rfind(texts[-1]) :]
            self._told = b""
        if len(self._buffer) > _LONGEST:
            yield self._let_go()

    def _take_last(self, settled: bool) -> Iterator[Item]:
        """The text that is in the buffer, unless it was told just so."""
        was_told = self._told == self._buffer and (self._told_settled or not settled)
        if was_told or not self._buffer.strip():
            return
        self._told, self._told_settled = self._buffer, settled
        yield self._remember(Sample(now(), self._buffer, settled=settled))

    def _let_go(self) -> Item:
        """Forgets the older half of what holds no further text, and says so."""
        self._buffer = self._buffer[-_LONGEST // 2 :]
        self._useless += _LONGEST // 2
        return Gap(now(), Trouble("not-stats", *explain(self._buffer), self.label))

    def _remember(self, item: Item) -> Item:
        self._last = item
        return item


def _again(item: Item) -> Item:
    return item._replace(at=now(), fresh=False) if isinstance(item, Sample) else item
