"""Reading: what sources hand over, and time as it passes."""

import asyncio
import math
from functools import partial

from kmodtop_core.sample import Told
from kmodtop_core.tracking.frame import Event, Frame

from ..session.channel import Channel
from ..view.view import Page, View, demo_of
from .pages import Pages
from .showing import Showing

TICK_S = 0.1
"""Seconds between the pictures of a replay."""

_LATE_S = 1.0
"""Seconds between looks at the clock while a source does not answer."""


def _is_as_before(before: Frame | None, after: Frame | None) -> bool:
    """Whether but for the time nothing is new: a file's text is handed over once more, settled."""
    if before is None or after is None or after.event is not Event.SAME:
        return False
    is_same = after.block is before.block and after.warnings == before.warnings
    return is_same and before.gap is None


class Reading(Showing, Pages):
    """Takes items from feeds, and moves on what is played."""

    _told_end = False
    _passed = 0.0
    _plays = False
    _clock: asyncio.TimerHandle | None = None

    def begin(self, channel: Channel) -> None:
        """Begins to read a source."""
        loop = asyncio.get_running_loop()
        channel.heard = loop.time()
        if channel.feed is not None:
            channel.feed.start()
            channel.feed.connect(
                loop, partial(self.take, channel), partial(self._source_ended, channel)
            )

    def take(self, channel: Channel, items: list[Told]) -> None:
        """Observes the items, and shows what they bring once."""
        if self.tee is not None and channel is self.kept:
            self.tee.keep(items)
        before = channel.latest
        channel.take(items)
        loop = asyncio.get_running_loop()
        channel.heard = loop.time()
        channel.gather(lambda pieces: loop.call_soon_threadsafe(self._knows, channel, pieces))
        if channel is self.channel and self.view.choice.page != Page.HOSTS:
            self._note_source(channel)
            frame = channel.latest
            if frame is not None and frame.block is None and frame.gap is not None:
                self.examine()
        elif self.view.choice.page != Page.HOSTS:
            return
        self.data_came(_is_as_before(before, channel.latest))

    def _note_source(self, channel: Channel) -> None:
        """It has answered, perhaps in another way than before."""
        situation = self.view.situation
        if (situation.source, situation.overdue) != (channel.source, 0.0):
            self.view = self.view.knowing(source=channel.source, overdue=0.0)
        self.view = self.played(self.view)

    def _knows(self, channel: Channel, pieces: dict[str, bytes]) -> None:
        """Evidence that a thread has gathered."""
        channel.travel.answers.know(pieces)
        if self.tee is not None and channel is self.kept:
            self.tee.know(pieces)

    def played(self, view: View) -> View:
        """A simulated boot ends on a screen that says what was seen."""
        if self.player is None:
            return view
        demo = demo_of(self.player)
        view = view.knowing(demo=demo)
        if not demo.runs:
            self._told_end = False
            return view.choosing(page=Page.MAIN) if view.choice.page == Page.DEMO_END else view
        is_busy = view.choice.page != Page.MAIN or view.choice.frozen is not None
        if self._told_end or is_busy or self.is_asking:
            return view
        self._told_end = True
        return view.choosing(page=Page.DEMO_END, scroll=0)

    def _source_ended(self, channel: Channel) -> None:
        channel.end()
        if channel is self.channel:
            self.view = self.view.knowing(ended=True)
        self.data_came()

    # ---- time ------------------------------------------------------------

    def wind(self) -> None:
        """Looks at the clock again when something is to be done by then, and not before: what is
        played moves on, what is held back is shown, a source is overdue."""
        loop = asyncio.get_running_loop()
        due = self._due(loop.time())
        if self._clock is not None and due < self._clock.when() - 1e-3:
            self._clock.cancel()
            self._clock = None
        if self._clock is None and due < math.inf:
            self._clock = loop.call_at(due, self._tick)

    def unwind(self) -> None:
        """The clock is not looked at any more."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _due(self, now: float) -> float:
        """When, in the loop's time."""
        player = self.travel.player
        plays = player is not None and not (player.paused or player.is_over)
        if not (plays and self._plays):
            self._passed, self._plays = now, plays
        moments = [self._passed + TICK_S] if plays else []
        if self.dirty and not self.is_stalled:
            moments.append(self.shown_at + self.pace)
        is_hosts = self.view.choice.page == Page.HOSTS
        for channel in self.channels if is_hosts else (self.channel,):
            late = channel.overdue_at
            moments.append(late if late > now else now + _LATE_S)
        return max(now, min(moments))

    def _tick(self) -> None:
        """What is played moves on."""
        self._clock = None
        if not self.is_up:
            return
        now = asyncio.get_running_loop().time()
        passed, self._passed = min(now - self._passed, 1.0), now
        self._look_at_clock(now)
        player = self.travel.player
        if player is not None and not (player.paused or player.is_over):
            self.travel.refresh()
            if player.pass_time(passed):
                self.show_moment()
        self.wind()

    def _look_at_clock(self, now: float) -> None:
        """A source that does not answer is reported: the kernel may hold up the read."""
        overdue = float(int(self.channel.overdue(now)))
        if overdue != self.view.situation.overdue and self.view.choice.page != Page.HOSTS:
            self.view = self.view.knowing(overdue=overdue)
            self.dirty = True
        elif self.view.choice.page == Page.HOSTS and any(c.overdue(now) for c in self.channels):
            self.dirty = True
        if self.dirty:
            self.data_came()

    def show_moment(self) -> None:
        """The moment at which the player is."""
        player = self.travel.player
        if player is None or player.frame is None:
            return
        if self.view.choice.page == Page.HOSTS:  # it plays on unseen
            self.channel.latest = player.frame
            self.data_came()
            return
        view = self.view.knowing(deck=self.travel.deck(), answer=None)
        if self.travel.is_replay:
            self.channel.latest = player.frame
        else:
            view = view.choosing(frozen=player.frame)
        self.set_view(view)
