"""Painting: the glass shows what the view makes of the frame, once a pass, never queued."""

import asyncio

from rich.console import RenderableType
from textual import on
from textual.screen import Screen
from textual.timer import Timer

from ..process.terminal import Terminal
from ..view.moves import follow_cursor
from ..view.panels import layout, overview, table
from ..view.view import Page, View
from .base import Base
from .driver import Room
from .glass import Glass

_NOTE_S = 4.0
"""Seconds for which a passing message stands."""

_SETTLE_S = 0.2
"""Seconds after which the whole screen is painted once more when its size has changed."""

THRIFTY_S = 5.0
"""Seconds between pictures for slow links."""

_HOSTS_S = 0.3
"""Seconds between pictures of many hosts."""


class Painting(Base):
    """Takes over views; `terminal` is None only where there is none."""

    terminal: Terminal | None
    dirty = is_up = is_typing = False
    painted_at = 0.0
    _repaint: Timer | None = None
    _note_timer: asyncio.TimerHandle | None = None

    def paint_soon(self) -> None:
        """At once, unless that is too often, or what was painted is still under way.

        Pictures that come meanwhile are dropped, not queued: the last one is what counts.
        """
        now = asyncio.get_running_loop().time()
        pace = (
            THRIFTY_S
            if self.view.look.thrifty
            else _HOSTS_S
            if self.view.choice.page == Page.HOSTS
            else 0.0
        )
        if now - self.painted_at < pace:
            self.dirty = True
        else:
            self.set_view(self.view)

    @on(Room)
    def _has_room(self) -> None:
        """The terminal takes pictures again."""
        if self.terminal is not None and self.terminal.is_stale:
            self.paint_whole()
        elif self.dirty:
            self.paint_soon()
        else:
            self.glass.flush()

    def set_view(self, view: View) -> None:
        """Takes over a view and paints what it shows, once what was painted has gone out.

        Keys that came together make one picture; none is queued on a link that stalls.
        """
        self.view = view
        stalled = self.terminal is not None and self.terminal.is_stalled
        if self.is_typing or stalled:
            self.dirty = True
            return
        self.dirty, self.painted_at = False, asyncio.get_running_loop().time()
        wide, high = self.glass.size
        if wide < 1 or high < 1:
            return
        if view.choice.page == Page.HOSTS:
            self.glass.show(overview.overview(self.hosts(), view, wide, high))
            return
        if self.shown and self.shown.block:
            answer = self.travel.answer(self.shown, view.look.units)
            view = self.view = view.knowing(answer=answer)
            if view.choice.page == Page.MAIN:
                self.view = follow_cursor(self.shown, view, self.rows_high())
        self.glass.show(layout.screen(self.latest, self.travel.past, self.view, wide, high))

    def hosts(self) -> list[overview.HostRow]:
        """What there is of each."""
        now = asyncio.get_running_loop().time()
        return [
            overview.HostRow(c.source.label, c.latest, c.overdue(now), c.ended, c.travel.past)
            for c in self.channels
        ]

    def rows_high(self) -> int:
        """Rows that the table shows."""
        wide, high = self.glass.size
        if self.shown is None or self.shown.block is None:
            return 1
        return table.rows_high(layout.places(self.shown, self.view, wide, high).table_high)

    @on(Glass.Resized)
    def _resized(self, message: Glass.Resized) -> None:
        self.set_view(self.view)
        if message.first:
            return
        if self._repaint is not None:
            self._repaint.stop()
        # What was under way for the old size has been garbled by the terminal.
        self._repaint = self.set_timer(_SETTLE_S, self.paint_whole)

    def paint_whole(self) -> None:
        """All of it: what is on the terminal may have been garbled."""
        self.glass.forget()
        if not self.glass.flush():
            self.screen.refresh()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Textual's own painting gives way where the glass paints by itself."""
        if screen is self.screen and self.is_up and self.glass.flush():
            return
        super()._display(screen, renderable)

    def note(self, text: str) -> None:
        """A passing message in the last line."""
        self.set_view(self.view.knowing(note=text))
        if self._note_timer:
            self._note_timer.cancel()
        self._note_timer = asyncio.get_running_loop().call_later(_NOTE_S, self._clear_note)

    def _clear_note(self) -> None:
        self.set_view(self.view.knowing(note=""))
