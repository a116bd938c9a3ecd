"""Standard input and pipes: texts that come one after the other, or all at once."""

import os
import select
from collections.abc import Iterator

from ..paste import explain
from ..plain import harmless
from ..sample import Gap, Item, Sample, Why
from ..statsfile import split
from .base import MOST_BYTES, Stop, now

_QUIET_S = 0.3
"""Seconds of silence after which what has come is taken as a whole text."""

_LONGEST = 1 << 20
"""Bytes without a further stats text after which the older half is let go."""


class Stream:
    """Reads the descriptor `fd` until its end; each text is yielded when it has come."""

    pace = "stream"

    def __init__(self, fd: int, label: str, interval: float) -> None:
        self.label = label
        self._fd, self._interval = fd, interval
        self._buffer = b""
        self._told = self._useless = 0
        self._told_text = b""
        self._last: Item | None = None

    def items(self, stop: Stop) -> Iterator[Item]:
        """A Sample for each text, and the last once more every interval; Gaps for the useless."""
        quiet = 0.0
        yield Gap(now(), Why("waiting", f"{harmless(self.label)}: nothing has come yet"))
        while not stop.is_set():
            ready, _, _ = select.select([self._fd], [], [], _QUIET_S)
            if self._useless > MOST_BYTES:
                return
            if ready:
                chunk = os.read(self._fd, 1 << 16)
                if not chunk:
                    break
                self._buffer += chunk
                self._told = 0
                yield from self._take(whole=False)
                quiet = 0.0
                continue
            quiet += _QUIET_S
            yield from self._take(whole=True)
            if quiet >= self._interval and self._last is not None:
                quiet = 0.0
                yield self._remember(_again(self._last))
        yield from self._take(whole=True)

    def _take(self, whole: bool) -> Iterator[Item]:
        """The texts that the buffer holds; the last of them may still grow unless `whole`."""
        if len(self._buffer) == self._told or not self._buffer.strip():
            return
        texts = split(self._buffer)
        for text in texts[:-1]:
            if text != self._told_text:
                yield self._remember(Sample(now(), text))
        self._buffer = self._buffer[self._buffer.rfind(texts[-1]) :]
        if len(self._buffer) > _LONGEST:
            yield self._let_go()
        if whole:
            self._told, self._told_text = len(self._buffer), texts[-1]
            yield self._remember(Sample(now(), texts[-1]))

    def _let_go(self) -> Item:
        """Forgets the older half of what holds no further text, and says so."""
        self._buffer = self._buffer[-_LONGEST // 2 :]
        self._told = 0
        self._useless += _LONGEST // 2
        return Gap(now(), Why("not-stats", f"{harmless(self.label)}: {explain(self._buffer)}"))

    def _remember(self, item: Item) -> Item:
        self._last = item
        return item


def _again(item: Item) -> Item:
    return item._replace(at=now(), fresh=False) if isinstance(item, Sample) else item
