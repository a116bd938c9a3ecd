"""Channel: one source with all that is known of it; a view of several hosts has several."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from kmodtop_core.diagnosis.finding import Answer, Level
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.sample import Told
from kmodtop_core.sources.base import LIVELY, Detouring
from kmodtop_core.stats.block import Block
from kmodtop_core.tracking.frame import Frame

from .. import __version__
from ..view.view import Playable, Source
from .feed import Feed
from .time_travel import Travel


class Channel:
    """`feed` is None for a replay, which has all it needs in `travel`.

    `overdue`: seconds without an answer beyond what was to be expected.
    """

    def __init__(
        self,
        source: Source,
        feed: Feed | None,
        travel: Travel | None = None,
        player: Playable | None = None,
    ) -> None:
        self.source, self.feed, self.player = source, feed, player
        self.travel = travel or live_travel()
        if player is not None:
            self.travel.answers.know(player.pieces())
        self.latest: Frame | None = None
        self.heard = 0.0
        self.ended = False
        self._gathered = False
        self._answered: tuple[Block | None, Answer | None] = (None, None)

    def take(self, items: list[Told]) -> None:
        """Observes the items."""
        for item in items:
            self.latest = self.travel.observe(item)
        source = self.feed.source if self.feed is not None else None
        now = (getattr(source, "means", None), getattr(source, "detour", None))
        if isinstance(source, Detouring) and now != (self.source.means, self.source.detour):
            self.source = replace(self.source, means=source.means, detour=source.detour)

    def answer(self, units: str) -> Answer | None:
        """What diagnosis says of the latest frame; asked anew only where that may have changed."""
        frame = self.latest
        if frame is None or frame.block is None:
            return None
        text, known = self._answered
        is_now = known is not None and known.verdict.level is Level.STORM_NOW
        if text is not frame.block or is_now or self.travel.player is not None:
            self._answered = frame.block, self.travel.answer(frame, units)
        return self._answered[1]

    def gather(self, know: Callable[[dict[str, bytes]], object]) -> None:
        """Once something was refused on this machine: takes evidence of it, in a thread of its
        own, and hands it to `know` there."""
        rows = self.latest.rows if self.latest is not None else ()
        if self._gathered or not rows or self.source.label != STATS_PATH:
            return
        self._gathered = True
        failed = [row.module for row in rows]
        work = partial(_gather, failed, know)
        threading.Thread(target=work, name="evidence", daemon=True).start()

    def end(self) -> None:
        """The source has no more."""
        self.ended = True
        if self.latest is not None:
            self.latest = self.latest.quiet()

    @property
    def overdue_at(self) -> float:
        """From when on an answer is overdue, as `heard`; never where none is to be expected."""
        lively = self.source.means in LIVELY and not self.ended
        return self.heard + 3 * self.source.interval + 1 if lively else float("inf")

    def overdue(self, now: float) -> float:
        """Seconds without an answer, once that is longer than usual; `now` as `heard`."""
        return now - self.heard if now > self.overdue_at else 0.0


def _gather(failed: list[str], know: Callable[[dict[str, bytes]], object]) -> None:
    from kmodtop_core.machine.gather import gather  # only where something was refused

    with suppress(RuntimeError):  # the loop may have ended meanwhile
        know(gather(Machine(), failed))


def live_travel() -> Travel:
    """For a live view, which keeps what it sees in memory."""
    session = in_memory(__version__)
    return Travel(session.recording, session)
