"""The Textual app: takes items from a feed, keys from the reader, and repaints the glass.

Everything that can be decided without a terminal is decided in view and its
panels; here keys become views and frames become lines.
"""

import asyncio
import signal
from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kmodtop_core.sample import Told

from ..process.ending import Ending
from ..process.terminal import Terminal
from ..session.channel import Channel
from ..session.tee import Tee
from ..view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS
from ..view.lines import Line
from ..view.view import Page, View, demo_of
from .asking import Asking
from .commands import Commands
from .driver import Gone, TerminalDriver
from .files import Files
from .glass import Glass
from .keyboard import MOST_TYPED, Typed
from .pages import Pages
from .painting import Painting
from .prompt import Prompt

TICK_S = 0.1
"""Seconds between the pictures of a replay."""


class Kmodtop(Painting, Pages, Asking, Files, Commands):
    """Some sources, one of which is looked at, and one glass."""

    CSS = """
    Screen { background: ansi_default; layers: glass over; }
    #line {
        display: none; layer: over; dock: bottom; height: 1;
        border: none; padding: 0; margin: 0 0 0 9;
        background: ansi_default; color: ansi_default;
    }
    #line:focus { border: none; }
    .asking #line { display: block; }
    """
    TITLE = "kmodtop"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key.keys, key.action, key.long, show=False)
            for key in (*KEYS, *TIME_KEYS, *DEMO_KEYS, BOOTS_KEY)
        ),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    def __init__(
        self,
        channels: Sequence[Channel],
        view: View,
        tees: list[Tee] | None = None,
        terminal: Terminal | None = None,
        painted: list[Line] | None = None,
        ending: Ending | None = None,
    ) -> None:
        super().__init__(ansi_color=True, driver_class=TerminalDriver)
        self.terminal, self._ending = terminal, ending
        self.animation_level = "none"
        self.channels = list(channels)
        self.channel = self.channels[0]
        # Whoever started the app closes them, whatever ends it.
        self.tees = [] if tees is None else tees
        self.tee = self.tees[0] if self.tees else None
        self.kept = self.channel
        self.view = view
        self._first = painted
        # The palette's borders and signs are no ASCII.
        self.use_command_palette = view.look.glyphs.dash != "-"
        self._told_end = False
        self._passed = 0.0
        self._is_ending = False

    def compose(self) -> ComposeResult:
        """The glass, and the input line over its last line."""
        self.glass = Glass(self.view.look.theme, self._first)
        yield self.glass
        self.prompt = Prompt()
        yield self.prompt

    def on_mount(self) -> None:
        """Begins to read."""
        self.glass.focus()
        loop = asyncio.get_running_loop()
        if self._ending is not None:
            self._ending.attend(lambda number: loop.call_soon_threadsafe(self.end_by, number))
            loop.add_signal_handler(signal.SIGTSTP, self.action_suspend_process)
            loop.add_signal_handler(signal.SIGCONT, self._continued)
        if self.tee is not None:
            self.tee.tell = self.tell_from_thread
        if self.travel.player is not None:
            self.show_moment()
        self._passed = loop.time()
        self.is_up = True
        for channel in self.channels:
            channel.heard = loop.time()
            if channel.feed is not None:
                channel.feed.start()
                channel.feed.connect(
                    loop, partial(self.take, channel), partial(self._source_ended, channel)
                )
        self.set_interval(TICK_S, self._tick)

    def on_unmount(self) -> None:
        """Nothing is handed over any more."""
        for channel in self.channels:
            if channel.feed is not None:
                channel.feed.stop()

    def end(self, status: int) -> None:
        """Ends with that exit status; if Textual takes too long for it, all the same."""
        self._is_ending = True
        if self._ending is not None:
            self._ending.begin(status)
        self.exit(status, return_code=status)

    def end_by(self, number: int) -> None:
        """Ends as after that signal."""
        self.end(128 + number)

    def action_interrupt(self) -> None:
        """Ctrl-C ends, as it does everywhere."""
        self.end_by(signal.SIGINT)

    async def action_quit(self) -> None:
        """Closes a page, as in less(1); from the first screen it ends without an error."""
        first = Page.HOSTS if len(self.channels) > 1 else Page.MAIN
        if self.view.choice.page in (first, Page.DEMO_END):
            self.end(0)
        elif self.view.choice.page == Page.MAIN:
            self.action_hosts()
        else:
            await self.action_back()

    def action_suspend_process(self) -> None:
        """Stops, as a job of a shell; `fg` lets it go on."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.suspend()
            self.paint_whole()

    def _continued(self) -> None:
        """It may have been stopped by SIGSTOP, and others have used the terminal meanwhile."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.resume()
            self.paint_whole()

    @on(Gone)
    def _hung_up(self) -> None:
        """The terminal has gone, and did not control this process, or no signal tells."""
        self.end_by(signal.SIGHUP)

    def _fatal_error(self) -> None:
        """No traceback on the screen: whoever runs the app reports its `exception`."""
        self._is_ending = True
        if self._ending is not None:
            self._ending.begin(1)
        self._close_messages_no_wait()

    @property
    def failure(self) -> Exception | None:
        """What went wrong within, if anything did."""
        return self._exception

    # ---- from the source -------------------------------------------------

    def take(self, channel: Channel, items: list[Told]) -> None:
        """Observes the items and paints once."""
        if self.tee is not None and channel is self.kept:
            self.tee.keep(items)
        channel.take(items)
        loop = asyncio.get_running_loop()
        channel.heard = loop.time()
        channel.gather(lambda pieces: loop.call_soon_threadsafe(self._knows, channel, pieces))
        if channel is self.channel and self.view.choice.page != Page.HOSTS:
            self.view = self.played(self.view.knowing(source=channel.source, overdue=0.0))
        elif self.view.choice.page != Page.HOSTS:
            return
        self.paint_soon()

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
        if self._told_end or view.choice.page != Page.MAIN or view.choice.frozen is not None:
            return view
        self._told_end = True
        return view.choosing(page=Page.DEMO_END, scroll=0)

    def _source_ended(self, channel: Channel) -> None:
        channel.end()
        if channel is self.channel:
            self.view = self.view.knowing(ended=True)
        self.paint_soon()

    # ---- time ------------------------------------------------------------

    def _tick(self) -> None:
        """What is played moves on."""
        now = asyncio.get_running_loop().time()
        passed, self._passed = min(now - self._passed, 1.0), now
        self._look_at_clock(now)
        player = self.travel.player
        if player is None or player.paused or player.is_over:
            return
        self.travel.refresh()
        if player.pass_time(passed):
            self.show_moment()

    def _look_at_clock(self, now: float) -> None:
        """A source that does not answer is reported: the kernel may hold up the read."""
        overdue = float(int(self.channel.overdue(now)))
        if overdue != self.view.situation.overdue and self.view.choice.page != Page.HOSTS:
            self.view = self.view.knowing(overdue=overdue)
            self.dirty = True
        elif self.view.choice.page == Page.HOSTS and any(c.overdue(now) for c in self.channels):
            self.dirty = True
        if self.dirty:
            self.paint_soon()

    def show_moment(self) -> None:
        """The moment at which the player is."""
        player = self.travel.player
        if player is None or player.frame is None:
            return
        view = self.view.knowing(deck=self.travel.deck())
        if self.travel.is_replay:
            self.channel.latest = player.frame
        else:
            view = view.choosing(frozen=player.frame)
        self.set_view(view)

    # ---- keys ------------------------------------------------------------

    @on(Typed)
    async def _typed(self, message: Typed) -> None:
        """Keys that came together: one after the other, then one picture."""
        self.is_typing = True
        try:
            keys = message.keys
            while keys and not self._is_ending:
                keys = await self._take_keys(keys)
        finally:
            self.is_typing = False
        if self.dirty and not self._is_ending:
            self.set_view(self.view)

    async def _take_keys(self, keys: list[events.Key]) -> list[events.Key]:
        """Does what the first keys say; returns the others."""
        text = "".join(takewhile(str.isprintable, (key.character or "\0" for key in keys)))
        if len(self.screen_stack) > 1:  # the palette, which looks for it all at each change
            many = len(text) > 1
            self.post_message(events.Paste(text[:MOST_TYPED]) if many else keys[0])
            return keys[max(1, len(text)) :]
        if self.view.choice.asking and keys[0].is_printable:
            self.prompt.type_in(text)
            return keys[max(1, len(text)) :]
        name = keys[0].key
        if await self._check_bindings(name, priority=True):
            return keys[1:]  # Ctrl-C ends, whatever has the focus
        if not (self.view.choice.asking and await self.press_in(name)):
            await self._check_bindings(name)
        return keys[1:]
