"""Screens: one a page. Each has the panels of its page, and the keys that mean something there.

What a key makes of the view is decided in view.moves; what all pages share, as time,
files and other pages, are actions of the app.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from ..view import moves
from ..view.panels import findings, host_list, layout
from ..view.panels.screen import page_length
from ..view.rows import rows_shown
from ..view.view import Page
from .page import PageScreen

_FILTER = "filter:"


class MainScreen(PageScreen):
    """The answer, why, when and which."""

    PANELS = (
        "head", "verdict", "more", "path", "chart", "storms", "table", "page", "path_box",
        "chart_box", "storms_box", "table_box", "module_box", "findings_box", "foot", "message",
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", show=False),
        Binding("s", "sort", show=False),
        Binding("S", "reverse", show=False),
        Binding("w", "window", show=False),
        Binding("t", "mode", show=False),
        Binding("b", "stage", show=False),
    ]

    @property
    def table_rows(self) -> int:
        """Rows of the table that are seen."""
        return layout.table_room(self.scene, *self.size)

    def action_move(self, by: int) -> None:
        """The cursor by some rows."""
        frame = self.kmodtop.shown
        if frame is not None and frame.block is not None:
            self.kmodtop.set_view(moves.step(frame, self.view, by, self.table_rows))

    def action_wheel(self, by: int) -> None:
        """The table, the cursor where it is."""
        frame = self.kmodtop.shown
        if frame is not None and frame.block is not None:
            self.kmodtop.set_view(moves.scroll_table(frame, self.view, by, self.table_rows))

    def action_page(self, by: int) -> None:
        """By as many rows as are seen."""
        self.action_move(by * self.table_rows)

    def action_select(self, module: str) -> None:
        """The cursor on a module."""
        self.kmodtop.set_view(moves.select(self.view, module))

    def action_open(self) -> None:
        """The module under the cursor; without a cursor the first."""
        frame = self.kmodtop.shown
        if frame is not None and frame.block is not None:
            self.kmodtop.set_view(moves.open_module(frame, self.view))

    def action_filter(self) -> None:
        """Asks for a part of names."""
        self.kmodtop.ask_filter(_FILTER)

    def action_sort(self) -> None:
        """By the next column."""
        self.kmodtop.set_view(moves.next_sort(self.view, self.scene.is_static))
        self.kmodtop.note(f"sorted by {self.view.choice.sort}")

    def action_sort_by(self, column: str) -> None:
        """By that column, or the other way round."""
        self.kmodtop.set_view(moves.sort_by(self.view, column))

    def action_reverse(self) -> None:
        """The other way round."""
        self.kmodtop.set_view(moves.reverse(self.view))

    def _has_no_times(self) -> bool:
        if self.scene.is_static:
            self.kmodtop.note("one text tells no times: there is nothing to be chosen")
        return self.scene.is_static

    def action_window(self) -> None:
        """The next span of time."""
        if self._has_no_times():
            return
        self.kmodtop.set_view(moves.next_window(self.view))
        self.kmodtop.note(f"the chart shows {moves.window_told(self.view)}")

    def action_mode(self) -> None:
        """Total or per second."""
        if self._has_no_times():
            return
        self.kmodtop.set_view(moves.turn_mode(self.view))

    def action_stage(self) -> None:
        """All stages or one."""
        if self._has_no_times():
            return
        self.kmodtop.set_view(moves.next_stage(self.view))
        stage = self.view.choice.stage
        told = "all stages" if stage == "all" else f"what was wasted at {stage}"
        self.kmodtop.note(f"the chart shows {told}")


class ModuleScreen(PageScreen):
    """One module; moving goes to the next of the table."""

    def action_move(self, by: int) -> None:
        """Another module."""
        frame = self.kmodtop.shown
        if frame is not None and rows_shown(frame, self.view):
            self.kmodtop.set_view(moves.move_cursor(frame, self.view, by, self.rows))


class FindingsScreen(PageScreen):
    """The findings; moving chooses one, PgUp and PgDn scroll its text."""

    def _count(self) -> int:
        answer = self.view.situation.answer
        return len(answer.findings) if answer is not None else 0

    def action_move(self, by: int) -> None:
        """Another finding."""
        place = self.view.choice.finding + by
        self.kmodtop.set_view(moves.choose_finding(self.view, place, self._count()))

    def action_page(self, by: int) -> None:
        """Scrolls the text."""
        self.action_wheel(by * max(1, self.rows // 2))

    def action_wheel(self, by: int) -> None:
        """Scrolls the text."""
        last = page_length(self.scene, self.size.width, self.rows)
        self.kmodtop.set_view(moves.scroll(self.view, by, last))

    def action_choose_finding(self, place: int) -> None:
        """That one."""
        self.kmodtop.set_view(moves.choose_finding(self.view, place, self._count()))

    def action_open(self) -> None:
        """The table of the finding's modules."""
        answer = self.view.situation.answer
        place = findings.selected(answer, self.view) if answer is not None else None
        if answer is not None and place is not None and answer.findings[place].modules:
            found = answer.findings[place]
            self.kmodtop.set_view(moves.hold_to(self.view, found.modules, found.title))


class HostsScreen(PageScreen):
    """Several sources; moving selects one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", show=False),
        Binding("s", "sort", show=False),
        Binding("S", "reverse", show=False),
    ]

    def action_filter(self) -> None:
        """Asks for a part of names."""
        self.kmodtop.ask_filter(_FILTER)

    def action_sort(self) -> None:
        """By the next column."""
        self.kmodtop.set_view(moves.next_host_sort(self.view, list(host_list.HOST_SORTS)))

    def action_sort_hosts(self, column: str) -> None:
        """By that column, or the other way round."""
        self.kmodtop.set_view(moves.sort_hosts(self.view, column))

    def action_reverse(self) -> None:
        """The other way round."""
        self.kmodtop.set_view(moves.reverse(self.view))

    def action_select_host(self, number: int) -> None:
        """The cursor on that host."""
        places = host_list.order(self.scene.hosts, self.view)
        if number in places:
            self.kmodtop.set_view(self.view.choosing(scroll=places.index(number)))

    def action_open(self) -> None:
        """All of the host under the cursor."""
        places = host_list.order(self.scene.hosts, self.view)
        if places:
            self.kmodtop.open_host(places[min(self.view.choice.scroll, len(places) - 1)])


class BootsScreen(PageScreen):
    """The boots of a recording."""

    def action_open(self) -> None:
        """Plays the boot under the cursor."""
        self.kmodtop.choose_boot(self.view.choice.scroll + 1)

    def action_choose_boot(self, number: int) -> None:
        """The cursor on that boot."""
        self.kmodtop.set_view(self.view.choosing(scroll=number - 1))


class DemoEndScreen(PageScreen):
    """The end of a simulated boot."""

    def action_open(self) -> None:
        """The modules as they stood at the end."""
        self.kmodtop.set_view(moves.to_main(self.view))


SCREENS: dict[str, str | Callable[[], Screen[Any]]] = {
    Page.MAIN: MainScreen,
    Page.MODULE: ModuleScreen,
    Page.FINDINGS: FindingsScreen,
    Page.HOSTS: HostsScreen,
    Page.BOOTS: BootsScreen,
    Page.DEMO_END: DemoEndScreen,
    Page.RAW: PageScreen,
    Page.HELP: PageScreen,
    Page.DOCTOR: PageScreen,
}
