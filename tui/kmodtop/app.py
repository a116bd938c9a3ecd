"""The Textual app: takes items from a feed, keys from the reader, and repaints the glass.

Everything that can be decided without a terminal is decided in viewmodel and
panels; here keys become views and frames become lines.
"""

import asyncio
import os
import signal
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.timer import Timer
from textual.widgets import Input

from kmodtop_core.recorder import in_memory
from kmodtop_core.sample import Item
from kmodtop_core.tracker import Frame

from . import __version__
from .actions import Actions
from .feed import Feed
from .glass import Glass
from .keeper import Keeper
from .keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS
from .panels import layout, table
from .travel import Travel
from .viewmodel import Playable, View, demo_of, follow_cursor

_NOTE_S = 4.0
"""Seconds for which a passing message stands."""

_SETTLE_S = 0.2
"""Seconds after which the whole screen is painted once more when its size has changed."""

_ODD_SIZES = 3
"""Looks at the terminal after which its size is believed, if it is not what Textual thinks."""

TICK_S = 0.1
"""Seconds between the pictures of a replay."""


class Kmodtop(Actions):
    """One source, one place in time, one glass."""

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
    ]

    def __init__(
        self,
        feed: Feed | None,
        view: View,
        player: Playable | None = None,
        travel: Travel | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        self.latest: Frame | None = None
        self.view = view
        self.player = player
        self.keeper = keeper
        self.travel = travel or _live_travel()
        self._feed = feed
        self._told_end = False
        self._early_signal = 0
        self._interval = view.source.interval
        self._watchdog: asyncio.TimerHandle | None = None
        self._note_timer: asyncio.TimerHandle | None = None
        self._passed = 0.0
        self._repaint: Timer | None = None
        self._odd_sizes = 0

    def compose(self) -> ComposeResult:
        """The glass, and the input line over its last line."""
        yield Glass()
        yield Input(id="line", compact=True)

    def on_mount(self) -> None:
        """Begins to read and to listen to signals."""
        self.glass = self.query_one(Glass)
        self.glass.focus()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled, number)
        if self._early_signal:
            self._signalled(self._early_signal)
        if self.keeper is not None:
            self.keeper.tell = self.tell_from_thread
        if self.travel.player is not None:
            self.show_moment()
        if self._feed is not None:
            self._feed.start()
            self._feed.connect(loop, self.take, self._source_ended)
        self._passed = loop.time()
        self.set_interval(TICK_S, self._tick)

    def on_unmount(self) -> None:
        """Nothing is handed over any more."""
        if self._feed is not None:
            self._feed.stop()
        if self.keeper is not None:
            self.keeper.close()

    def hold_signals(self) -> None:
        """Until it is mounted, signals are noted only: it could not leave the terminal clean."""
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._note_signal)

    def _note_signal(self, number: int, frame: object) -> None:
        self._early_signal = number

    def _signalled(self, number: int) -> None:
        self.exit(128 + number, return_code=128 + number)

    def action_interrupt(self) -> None:
        """Ctrl-C ends, as it does everywhere."""
        self._signalled(signal.SIGINT)

    # ---- from the source -------------------------------------------------

    def take(self, items: list[Item]) -> None:
        """Observes the items and paints once."""
        if self.keeper is not None:
            self.keeper.keep(items)
        for item in items:
            self.latest = self.travel.observe(item)
        self._expect_next()
        self.set_view(self.played(replace(self.view, overdue=0.0)))

    def played(self, view: View) -> View:
        """A simulated boot ends on a screen that says what was seen."""
        if self.player is None:
            return view
        demo = demo_of(self.player)
        view = replace(view, demo=demo)
        if not demo.runs:
            self._told_end = False
            return replace(view, page="main") if view.page == "seen" else view
        if self._told_end or view.page != "main" or view.frozen is not None:
            return view
        self._told_end = True
        return replace(view, page="seen", scroll=0)

    def _expect_next(self) -> None:
        """If nothing comes for long, the head line says so: the kernel may hold up the read."""
        if self._watchdog:
            self._watchdog.cancel()
        if self.view.source.pace in ("polled", "watched"):
            patience = 3 * self._interval + 1
            self._watchdog = asyncio.get_running_loop().call_later(
                patience, self._overdue, patience
            )

    def _overdue(self, seconds: float) -> None:
        self._watchdog = asyncio.get_running_loop().call_later(1, self._overdue, seconds + 1)
        self.set_view(replace(self.view, overdue=seconds))

    def _source_ended(self) -> None:
        if self._watchdog:
            self._watchdog.cancel()
        if self.latest is not None:
            self.latest = self.latest.quiet()
        self.set_view(replace(self.view, ended=True))

    # ---- time ------------------------------------------------------------

    def _see_size(self) -> None:
        """A change of size while Textual was starting can get lost; looks for itself."""
        try:
            size = Size(*os.get_terminal_size(1))
        except OSError:
            return  # the terminal has gone; a signal tells what to do
        if size == self.size or not all(size):
            self._odd_sizes = 0
            return
        self._odd_sizes += 1
        if self._odd_sizes > _ODD_SIZES:
            self.post_message(events.Resize(size, size))

    def _tick(self) -> None:
        """What is played moves on."""
        if not self.is_headless:
            self._see_size()
        now = asyncio.get_running_loop().time()
        passed, self._passed = min(now - self._passed, 1.0), now
        player = self.travel.player
        if player is None or player.paused or player.is_over:
            return
        self.travel.refresh()
        if player.pass_time(passed):
            self.show_moment()

    def show_moment(self) -> None:
        """The moment at which the player is."""
        player = self.travel.player
        if player is None or player.frame is None:
            return
        view = replace(self.view, deck=self.travel.deck())
        if self.travel.is_replay:
            self.latest = player.frame
        else:
            view = replace(view, frozen=player.frame)
        self.set_view(view)

    # ---- painting --------------------------------------------------------

    def set_view(self, view: View) -> None:
        """Takes over a view and paints what it shows."""
        self.view = view
        wide, high = self.glass.size
        if wide < 1 or high < 1:
            return
        if self.shown and self.shown.block and view.page == "main":
            self.view = follow_cursor(self.shown, view, self.rows_high())
        self.glass.show(layout.screen(self.latest, self.view, wide, high))

    def rows_high(self) -> int:
        """Rows that the table shows."""
        wide, high = self.glass.size
        if self.shown is None or self.shown.block is None:
            return 1
        return table.rows_high(layout.places(self.shown, self.view, wide, high).table_high)

    @on(Glass.Resized)
    def _resized(self) -> None:
        self.set_view(self.view)
        if self._repaint is not None:
            self._repaint.stop()
        # What was under way for the old size has been garbled by the terminal.
        self._repaint = self.set_timer(_SETTLE_S, self.screen.refresh)

    def note(self, text: str) -> None:
        """A passing message in the last line."""
        self.set_view(replace(self.view, note=text))
        if self._note_timer:
            self._note_timer.cancel()
        self._note_timer = asyncio.get_running_loop().call_later(_NOTE_S, self._clear_note)

    def _clear_note(self) -> None:
        self.set_view(replace(self.view, note=""))

    async def action_quit(self) -> None:
        """Ends without an error."""
        self.exit(0)


def _live_travel() -> Travel:
    """For a live view, which keeps what it sees in memory."""
    session = in_memory(__version__)
    return Travel(session.recording, session)
