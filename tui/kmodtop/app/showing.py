"""Showing: the page's screen gets the scene, once a pass of the loop, never queued."""

import asyncio
from collections.abc import Callable

from rich.console import RenderableType
from textual import on
from textual._compositor import CompositorUpdate
from textual.geometry import Offset, Size
from textual.screen import Screen
from textual.timer import Timer

from kmodtop_core.tracking.history import History

from ..process.terminal import Terminal
from ..view import moves
from ..view.panels import layout
from ..view.rows import keep_order
from ..view.scene import HostRow, Scene
from ..view.view import Page, View
from .base import Base
from .display import Display
from .driver import Room
from .page import PageScreen

_NOTE_S = 4.0
"""Seconds for which a passing message stands."""

_SETTLE_S = 0.2
"""Seconds after which the whole screen is sent once more when its size has changed."""

THRIFTY_S = 5.0
"""Seconds between pictures for slow links."""

_SAME_S = 0.9
"""Seconds of the tracker's time line for which a picture stands while nothing is new."""

_HOSTS_S = 0.3
"""Seconds between pictures of many hosts."""

_NOTHING = History()


class Showing(Base):
    """Takes over views; `terminal` and `painter` are None only where there is no terminal."""

    terminal: Terminal | None = None
    painter: Display | None = None
    dirty = is_up = False
    shown_at = 0.0
    _is_due = False
    _shown_view: View | None = None
    _shown_now = 0.0
    _repaint: Timer | None = None
    _sized: Size | None = None
    _note_timer: asyncio.TimerHandle | None = None

    # ---- what is shown ---------------------------------------------------

    def scene(self) -> Scene:
        """As it is now."""
        if self.view.choice.page == Page.HOSTS:
            return Scene(None, _NOTHING, self.view, hosts=self.hosts())
        whole = self.travel.whole if self.travel.player is not None else None
        frame = self.latest if self.view.choice.page == Page.DEMO_END else self.shown
        return Scene(frame, self.travel.past, self.view, self.latest, whole)

    def hosts(self) -> tuple[HostRow, ...]:
        """What there is of each source."""
        now, size = asyncio.get_running_loop().time(), self.view.look.units
        return tuple(
            HostRow(
                c.source.label, c.latest, c.overdue(now), c.ended, c.travel.past, c.answer(size)
            )
            for c in self.channels
        )

    def set_view(self, view: View) -> None:
        """Takes over a view; it is shown once what waits to be done is done."""
        self.view = view
        self.show_soon()

    def show_soon(self) -> None:
        """Once in this pass of the loop, however often it is asked for."""
        if not self._is_due and self.is_up:
            self._is_due = True
            self.call_later(self._show)

    def data_came(self, is_same: bool = False) -> None:
        """Shows it, unless that is too often: what comes meanwhile is shown together.

        `is_same`: nothing is new but the time, of which a picture was made just now.
        """
        now = asyncio.get_running_loop().time()
        if is_same and self.view is self._shown_view and self._is_at_rest():
            return
        if now - self.shown_at < self.pace:
            self.dirty = True
            self.wind()
        elif self._is_due or self.current_mode != self.view.choice.page:
            self.show_soon()
        elif self.is_up:
            self._show_now()

    @property
    def pace(self) -> float:
        """Seconds between pictures of what comes, at least."""
        if self.view.look.thrifty:
            return THRIFTY_S
        return _HOSTS_S if self.view.choice.page == Page.HOSTS else 0.0

    @property
    def is_stalled(self) -> bool:
        """Whether the terminal has not taken what was sent; it tells when it has."""
        return self.terminal is not None and self.terminal.is_stalled

    def _is_at_rest(self) -> bool:
        """Whether the time that has passed changes nothing in the picture: it was made just now,
        or is of one text, whose signs are all old."""
        frame = self.latest
        if frame is None:
            return False
        if 0 <= frame.now - self._shown_now < _SAME_S:
            return True
        is_static = self.view.choice.page != Page.HOSTS and self.scene().is_static
        return is_static and not any(
            row.heat(frame.now) or row.is_new(frame.now) for row in frame.rows
        )

    def _show_now(self) -> None:
        """At once, as nothing waits to be done before; what fails is reported at the end."""
        try:
            self._show()
        except Exception as error:
            self._handle_exception(error)

    def _show(self) -> None:
        """The scene of now in the screen of its page."""
        self._is_due = False
        if self.is_stalled:
            self.dirty = True  # until there is room for a picture
            return
        page = self.page_screen()
        if page is None:
            return
        self.dirty, self.shown_at = False, asyncio.get_running_loop().time()
        self._settle(page)
        self._shown_view = self.view
        self._shown_now = self.latest.now if self.latest is not None else 0.0
        painter = self.painter
        if painter is not None and not (painter.is_ready and self._is_bare()):
            painter = None
        page.show(self.scene().prepared(), painter)
        if painter is not None:
            painter.send(self._cursor())
        self.wind()

    def _is_bare(self) -> bool:
        """Whether nothing lies over the page: no palette, no message of Textual's."""
        return len(self.screen_stack) == 1 and not len(self._notifications)

    def _settle(self, page: PageScreen) -> None:
        """The answer to what is shown, the order of its rows, and the cursor in sight."""
        frame, view = self.shown, self.view
        if view.choice.page == Page.HOSTS or frame is None or frame.block is None:
            return
        self.settle()
        self.view = keep_order(frame, self.view)
        choice = self.view.choice
        if choice.page == Page.MAIN and page.size and (choice.top or choice.cursor):
            room = layout.table_room(self.scene(), *page.size)
            self.view = moves.follow_cursor(frame, self.view, room)

    # ---- its screen --------------------------------------------------------

    def page_screen(self) -> PageScreen | None:
        """The screen of the page, turned to if need be; None while that has to wait, as the
        palette lies over another."""
        if self.current_mode != self.view.choice.page:
            if len(self.screen_stack) > 1:
                return None
            left = self.screen_stack[0]
            if isinstance(left, PageScreen) and left.prompt.is_asking:
                left.prompt.close()
            self.switch_mode(self.view.choice.page)
        screen = self.screen_stack[0]
        return screen if isinstance(screen, PageScreen) else None

    def resized(self, size: Size) -> None:
        """What was under way for the old size has been garbled by the terminal."""
        before, self._sized = self._sized, size
        if before is None or before == size:
            return
        if self._repaint is not None:
            self._repaint.stop()
        self._repaint = self.set_timer(_SETTLE_S, self.show_whole)

    # ---- the terminal ------------------------------------------------------

    def show_whole(self) -> None:
        """All of it once more: what is on the terminal may have been garbled."""
        if self.painter is not None and self.screen_stack:  # none are left at the end
            self.painter.forget()
            self.painter.send(self._cursor())

    @on(Room)
    def _has_room(self) -> None:
        """The terminal takes pictures again."""
        if self.painter is not None and self.screen_stack:
            self.painter.send(self._cursor())
        if self.dirty:
            self.show_soon()

    def _cursor(self) -> Offset:
        """Where an input line is written in; the origin where none is."""
        if self.focused is None:
            return Offset()
        return self.screen.outer_size.clamp_offset(self.cursor_position)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Of what Textual wants to show only those cells are sent that differ."""
        painter = self.painter
        if painter is None or not isinstance(renderable, CompositorUpdate):
            super()._display(screen, renderable)
            return
        if self._batch_count or not self._running or self._closed or self._driver is None:
            return
        painter.is_synchronised = self._sync_available
        if painter.take(renderable):
            painter.send(self._cursor())
        self.post_display_hook()

    # ---- messages and questions --------------------------------------------

    def note(self, text: str) -> None:
        """A passing message above the keys, for some seconds or until a key."""
        self.set_view(self.view.knowing(note=text))
        if self._note_timer:
            self._note_timer.cancel()
        self._note_timer = asyncio.get_running_loop().call_later(_NOTE_S, self.clear_note)

    def clear_note(self) -> None:
        """The message has stood long enough."""
        if self.view.situation.note:
            self.set_view(self.view.knowing(note=""))

    def ask(
        self,
        what: str,
        value: str,
        answer: Callable[[str], object],
        change: Callable[[str], object] | None = None,
        give_up: Callable[[], object] | None = None,
    ) -> None:
        """Asks for something in the prompt of the page."""
        page = self.page_screen()
        if page is not None and page.prompt.is_attached:
            page.prompt.ask(what, value, answer, change, give_up)

    @property
    def is_asking(self) -> bool:
        """Whether keys belong to an answer."""
        page = self.screen_stack[0] if self.is_up else None
        return isinstance(page, PageScreen) and page.prompt.is_asking

    def ask_filter(self, what: str) -> None:
        """Asks for a part of names; what is typed is shown at once."""

        def chosen(text: str) -> None:
            self.set_view(moves.filter_by(self.view, text))

        self.ask(what, self.view.choice.filter, chosen, chosen, lambda: chosen(""))
