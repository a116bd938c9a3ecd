"""Lists and pages: what keys and mouse do there. What becomes of the view is decided in moves."""

from textual import on

from ..view import moves
from ..view.panels import demo_end, layout, overview, pages, timeline, trend, verdict
from ..view.view import Page
from .glass import Glass
from .moments import Moments

_SCROLLED_PAGES = (
    Page.RAW, Page.HELP, Page.DEMO_END, Page.BOOTS, Page.HOSTS, Page.FINDINGS,
)  # fmt: skip


class Pages(Moments):
    """Rows, the trend, pages, hosts."""

    @on(Glass.Clicked)
    async def _clicked(self, message: Glass.Clicked) -> None:
        if not message.action:
            self._pointed(message.x, message.y)
            return
        await self.run_action(message.action)
        if message.action.startswith("select") and message.times > 1:
            self.action_open()

    @on(Glass.Scrolled)
    def _scrolled(self, message: Glass.Scrolled) -> None:
        self.action_move(message.by)

    @on(Glass.Dragged)
    def _dragged(self, message: Glass.Dragged) -> None:
        self._pointed(message.x, message.y)

    def _pointed(self, x: int, y: int) -> None:
        """On the trend or on the line of time: to that moment."""
        wide, high = self.glass.size
        frame = self.shown
        if frame is None or frame.block is None or self.view.choice.page != Page.MAIN:
            return
        where = layout.places(frame, self.view, wide, high)
        if self.view.situation.deck and y == where.line_at:
            self.seek(timeline.moment_at(self.view.situation.deck, wide, x))
        elif where.trend_at <= y < where.trend_at + where.trend_high:
            moment = trend.moment_at(frame, self.view, wide, x)
            if moment is not None:
                self.seek(frame.at.uptime + moment - frame.now)

    def action_select(self, module: str) -> None:
        """The cursor on a module."""
        self.set_view(moves.select(self.view, module))

    def action_move(self, by: int) -> None:
        """The cursor, or the page, by some lines."""
        if self.view.choice.page in _SCROLLED_PAGES:
            self.set_view(moves.scroll(self.view, by, self._last_line()))
        elif self.shown is not None:
            self.set_view(moves.step(self.shown, self.view, by, self.rows_high()))

    def _last_line(self) -> int:
        """The last line with which the page may begin; of a list, its last entry."""
        wide, high = self.glass.size
        page, deck = self.view.choice.page, self.view.situation.deck
        if page == Page.HOSTS:
            return len(overview.order(self.hosts(), self.view)) - 1
        if page == Page.BOOTS and deck:
            return len(deck.boots) - 1
        if page == Page.HELP:
            length = len(pages.help_lines(wide, self.view))
        elif page == Page.FINDINGS:
            length = len(verdict.findings_page(self.view, wide))
        elif page == Page.DEMO_END and self.latest is not None:
            length = len(demo_end.seen_page(self.latest, self.view, wide))
        else:
            sample = self.shown.sample if self.shown else None
            length = len(pages.raw_lines(sample.text)) + 1 if sample else 0
        return length - (high - 2)

    def action_page(self, by: int) -> None:
        """A page up or down."""
        high = (
            self.glass.size.height - 3 if self.view.choice.page != Page.MAIN else self.rows_high()
        )
        self.action_move(by * max(1, high))

    def action_far(self, by: int) -> None:
        """To one of the ends."""
        self.action_move(by * (1 << 20))

    def action_sort(self) -> None:
        """The next column."""
        if self.view.choice.page == Page.HOSTS:
            self.set_view(moves.next_host_sort(self.view, list(overview.HOST_SORTS)))
        if self.view.choice.page != Page.MAIN:
            return
        self.set_view(moves.next_sort(self.view))
        self.note(f"sorted by {self.view.choice.sort}")

    def action_sort_by(self, column: str) -> None:
        """That column, or the other way round."""
        self.set_view(moves.sort_by(self.view, column))

    def action_reverse(self) -> None:
        """The other way round."""
        self.set_view(moves.reverse(self.view))

    def action_open(self) -> None:
        """Details of the module under the cursor; without a cursor, of the first."""
        if self.view.choice.page == Page.HOSTS:
            places = overview.order(self.hosts(), self.view)
            if places:
                self.action_open_host(places[min(self.view.choice.scroll, len(places) - 1)])
            return
        if self.view.choice.page == Page.BOOTS:
            self.action_choose_boot(self.view.choice.scroll + 1)
            return
        if self.shown is None or self.view.choice.page != Page.MAIN:
            return
        self.set_view(moves.open_module(self.shown, self.view))

    def action_window(self) -> None:
        """The next span of time."""
        if self.shown is not None:
            self.set_view(moves.next_window(self.shown, self.view))

    def action_mode(self) -> None:
        """Total or per second."""
        self.set_view(moves.turn_mode(self.view))

    def action_stage(self) -> None:
        """All stages or one."""
        self.set_view(moves.next_stage(self.view))

    def action_raw(self) -> None:
        """The text as read."""
        self._turn_to(Page.RAW)

    def action_findings(self) -> None:
        """What happened, when, who is to blame."""
        self._turn_to(Page.FINDINGS)

    def action_help(self) -> None:
        """Keys and meaning."""
        self._turn_to(Page.HELP)

    def _turn_to(self, page: Page) -> None:
        self.set_view(self.played(moves.turn_to(self.view, page)))

    async def action_back(self) -> None:
        """From a page to the main screen; there, clears filter, then cursor."""
        if self.view.choice.page == Page.HOSTS:
            self.set_view(moves.filter_by(self.view, ""))
        elif self.view.choice.page != Page.MAIN:
            self._turn_back()
        elif len(self.channels) > 1 and not (self.view.choice.filter or self.view.choice.cursor):
            self.action_hosts()
        else:
            self.set_view(moves.clear(self.view))

    def action_sort_hosts(self, column: str) -> None:
        """By that column, or the other way round."""
        self.set_view(moves.sort_hosts(self.view, column))

    def action_open_host(self, number: int) -> None:
        """All of one host."""
        self.channel = self.channels[number]
        self.set_view(moves.open_host(self.view, self.channel.source, self.channel.ended))

    def action_hosts(self) -> None:
        """Back to all hosts, and to now."""
        self.travel.live()
        self.set_view(moves.to_hosts(self.view))
