"""The Textual app: takes items from a feed, keys from the reader, and repaints the glass.

Everything that can be decided without a terminal is decided in viewmodel and
panels; here keys become views and frames become lines.
"""

import asyncio
import signal
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from kmodtop_core.sample import Item
from kmodtop_core.tracker import Frame, Tracker

from . import saving
from .feed import Feed
from .glass import Glass
from .keys import DEMO_KEYS, KEYS
from .panels import layout, pages, seen, table
from .viewmodel import (
    Demo,
    Playable,
    View,
    cursor_place,
    demo_of,
    follow_cursor,
    move_cursor,
    next_sort,
    next_stage,
    next_window,
    rows_shown,
    sort_by,
)

_NOTE_S = 4.0
"""Seconds for which a passing message stands."""


class Kmodtop(App[int]):
    """One source, one tracker, one glass."""

    CSS = """
    Screen { background: ansi_default; layers: glass over; }
    #filter {
        display: none; layer: over; dock: bottom; height: 1;
        border: none; padding: 0; margin: 0 0 0 9;
        background: ansi_default; color: ansi_default;
    }
    #filter:focus { border: none; }
    .filtering #filter { display: block; }
    """
    TITLE = "kmodtop"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.keys, key.action, key.long, show=False) for key in (*KEYS, *DEMO_KEYS)),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
    ]

    def __init__(self, feed: Feed, view: View, player: Playable | None = None) -> None:
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        self.tracker = Tracker()
        self.latest: Frame | None = None
        self.view = view
        self._feed = feed
        self._player = player
        self._told_end = False
        self._early_signal = 0
        self._interval = view.source.interval
        self._watchdog: asyncio.TimerHandle | None = None
        self._note_timer: asyncio.TimerHandle | None = None

    def compose(self) -> ComposeResult:
        """The glass, and the input of the filter over its last line."""
        yield Glass()
        yield Input(id="filter", compact=True)

    def on_mount(self) -> None:
        """Begins to read and to listen to signals."""
        self.glass = self.query_one(Glass)
        self.glass.focus()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled, number)
        if self._early_signal:
            self._signalled(self._early_signal)
        self._feed.start()
        self._feed.connect(loop, self.take, self._source_ended)

    def on_unmount(self) -> None:
        """Nothing is handed over any more."""
        self._feed.stop()

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
        for item in items:
            self.latest = self.tracker.observe(item)
        self._expect_next()
        view = replace(self.view, overdue=0.0)
        if self._player is not None:
            view = self._played(view, demo_of(self._player))
        self.set_view(view)

    def _played(self, view: View, demo: Demo) -> View:
        """A simulated boot ends on a screen that says what was seen."""
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

    # ---- painting --------------------------------------------------------

    @property
    def shown(self) -> Frame | None:
        """The frame on the glass: the latest, or the one that was frozen."""
        return self.view.frozen or self.latest

    def set_view(self, view: View) -> None:
        """Takes over a view and paints what it shows."""
        self.view = view
        wide, high = self.glass.size
        if wide < 1 or high < 1:
            return
        if self.shown and self.shown.block and view.page == "main":
            self.view = follow_cursor(self.shown, view, self._rows_high())
        self.glass.show(layout.screen(self.latest, self.view, wide, high))

    def _rows_high(self) -> int:
        wide, high = self.glass.size
        if self.shown is None or self.shown.block is None:
            return 1
        return table.rows_high(layout.places(self.shown, self.view, wide, high).table_high)

    @on(Glass.Resized)
    def _resized(self) -> None:
        self.set_view(self.view)

    def note(self, text: str) -> None:
        """A passing message in the last line."""
        self.set_view(replace(self.view, note=text))
        if self._note_timer:
            self._note_timer.cancel()
        self._note_timer = asyncio.get_running_loop().call_later(_NOTE_S, self._clear_note)

    def _clear_note(self) -> None:
        self.set_view(replace(self.view, note=""))

    # ---- keys ------------------------------------------------------------

    @on(Glass.Clicked)
    async def _clicked(self, message: Glass.Clicked) -> None:
        await self.run_action(message.action)
        if message.action.startswith("select") and message.times > 1:
            self.action_open()

    @on(Glass.Scrolled)
    def _scrolled(self, message: Glass.Scrolled) -> None:
        self.action_move(message.by)

    def action_select(self, module: str) -> None:
        """The cursor on a module."""
        self.set_view(replace(self.view, cursor=module))

    def action_move(self, by: int) -> None:
        """The cursor, or the page, by some lines."""
        if self.view.page in ("raw", "help", "seen"):
            self.set_view(replace(self.view, scroll=self._scroll_to(self.view.scroll + by)))
        elif self.shown is not None:
            # Without a cursor, the first step down sets it on the first row.
            steps = by if self.view.cursor is not None else max(0, by - 1)
            self.set_view(move_cursor(self.shown, self.view, steps, self._rows_high()))

    def _scroll_to(self, place: int) -> int:
        wide, high = self.glass.size
        if self.view.page == "help":
            length = len(pages.help_lines(wide, self.view))
        elif self.view.page == "seen" and self.latest is not None:
            length = len(seen.seen_page(self.latest, self.view, wide))
        else:
            sample = self.shown.sample if self.shown else None
            length = len(pages.raw_lines(sample.text)) + 1 if sample else 0
        return max(0, min(place, length - (high - 2)))

    def action_page(self, by: int) -> None:
        """A page up or down."""
        high = self.glass.size.height - 3 if self.view.page != "main" else self._rows_high()
        self.action_move(by * max(1, high))

    def action_far(self, by: int) -> None:
        """To one of the ends."""
        self.action_move(by * (1 << 20))

    def action_sort(self) -> None:
        """The next column."""
        if self.view.page != "main":
            return
        self.set_view(next_sort(self.view))
        self.note(f"sorted by {self.view.sort}")

    def action_sort_by(self, column: str) -> None:
        """That column, or the other way round."""
        self.set_view(sort_by(self.view, column))

    def action_reverse(self) -> None:
        """The other way round."""
        self.set_view(replace(self.view, reverse=not self.view.reverse, top=0))

    def action_open(self) -> None:
        """Details of the module under the cursor; without a cursor, of the first."""
        if self.shown is None or self.view.page != "main":
            return
        rows = rows_shown(self.shown, self.view)
        if rows:
            module = rows[cursor_place(rows, self.view)].module
            self.set_view(replace(self.view, cursor=module, page="module", back="main"))

    def action_freeze(self) -> None:
        """Holds the view still; the tracker goes on."""
        self.set_view(replace(self.view, frozen=None if self.view.frozen else self.latest))

    def action_window(self) -> None:
        """The next span of time."""
        if self.shown is not None:
            self.set_view(next_window(self.shown, self.view))

    def action_mode(self) -> None:
        """Total or per second."""
        self.set_view(replace(self.view, per_second=not self.view.per_second))

    def action_stage(self) -> None:
        """All stages or one."""
        self.set_view(next_stage(self.view))

    def action_era(self) -> None:
        """The same boot under the next era."""
        if self._player is not None:
            self._player.next_era()
            self._turn_player(f"era: {self._player.era}")

    def action_restart(self) -> None:
        """The boot from its beginning."""
        if self._player is not None:
            self._player.restart()
            self._turn_player("the boot begins anew")

    def action_faster(self, by: int) -> None:
        """Another speed."""
        if self._player is not None:
            self._player.change_speed(by)
            self._turn_player(f"speed {self._player.speed:g}")

    def action_halt(self) -> None:
        """The simulated world stands still, or goes on."""
        if self._player is not None:
            self._player.paused = not self._player.paused
            self._turn_player("halted" if self._player.paused else "going on")

    def _turn_player(self, told: str) -> None:
        assert self._player is not None
        self.view = self._played(self.view, demo_of(self._player))
        self.note(told)

    def action_raw(self) -> None:
        """The text as read."""
        self._turn_to("raw")

    def action_help(self) -> None:
        """Keys and meaning."""
        self._turn_to("help")

    def _turn_to(self, page: str) -> None:
        if self.view.page == page:
            self._turn_back()
        else:
            back = self.view.page if self.view.page in ("main", "seen") else self.view.back
            self.set_view(replace(self.view, page=page, scroll=0, back=back))

    def _turn_back(self) -> None:
        """To the page from which this one was opened; a simulated boot's end is told then."""
        view = replace(self.view, page=self.view.back, back="main", scroll=0)
        if self._player is not None:
            view = self._played(view, demo_of(self._player))
        self.set_view(view)

    async def action_back(self) -> None:
        """From a page to the main screen; there, clears filter, then cursor."""
        if self.view.page != "main":
            self._turn_back()
        elif self.view.filter:
            self.query_one("#filter", Input).value = ""
            self.set_view(replace(self.view, filter="", top=0))
        else:
            self.set_view(replace(self.view, cursor=None, top=0))

    def action_filter(self) -> None:
        """Opens the input of the filter."""
        if self.view.page != "main":
            return
        self._filtering(True)

    def _filtering(self, on: bool) -> None:
        self.screen.set_class(on, "filtering")
        self.set_view(replace(self.view, filtering=on))
        (self.query_one("#filter", Input) if on else self.glass).focus()

    @on(Input.Changed)
    def _filter_changed(self, message: Input.Changed) -> None:
        self.set_view(replace(self.view, filter=message.value, top=0))

    @on(Input.Submitted)
    def _filter_done(self) -> None:
        self._filtering(False)

    def on_key(self, event: events.Key) -> None:
        """Esc within the filter clears it."""
        if self.view.filtering and event.key == "escape":
            event.stop()
            event.prevent_default()
            self.query_one("#filter", Input).value = ""
            self._filtering(False)

    def action_copy(self) -> None:
        """The text report to the terminal's clipboard (OSC 52), and to a file for those without."""
        text = saving.report_text(self.shown, self.view)
        if text is None:
            self.note("nothing to copy yet")
            return
        self.copy_to_clipboard(text)
        self.note(saving.save("kmodtop-report.txt", text, "copied, and written to"))

    def action_picture(self) -> None:
        """The screen as a picture (SVG)."""
        self.note(saving.save("kmodtop-screen.svg", self.export_screenshot(), "picture saved as"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key of the table by name."""
        for key in (*KEYS, *DEMO_KEYS) if self._player else KEYS:
            yield SystemCommand(key.long, f"key {key.shown}", self._runner(key.action))

    def _runner(self, action: str) -> Callable[[], None]:
        return lambda: self.call_next(self.run_action, action)

    async def action_quit(self) -> None:
        """Ends without an error."""
        self.exit(0)
