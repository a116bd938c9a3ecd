"""What the keys and the mouse do: each makes a new view, or moves in time."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from kmodtop_core import units
from kmodtop_core.errors import SourceError
from kmodtop_core.plain import harmless
from kmodtop_core.tracking.frame import Frame

from ..session import saving
from ..session.channel import Channel
from ..session.tee import Tee
from ..session.time_travel import Travel
from ..view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS
from ..view.moves import move_cursor, next_sort, next_stage, next_window, sort_by
from ..view.panels import demo_end, layout, overview, pages, timeline, trend
from ..view.view import Page, Playable, View, cursor_place, rows_shown
from .driver import MOST_TYPED
from .glass import Glass

_LINE_KEYS = {
    key: binding.action
    for binding in Input.BINDINGS
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}
"""Keys of the input line and what they do there."""

_SCROLLED_PAGES = (Page.RAW, Page.HELP, Page.DEMO_END, Page.BOOTS, Page.HOSTS)


class Actions(App[int]):
    """The app as its keys see it: a view to be replaced, and a place in time."""

    view: View
    glass: Glass
    channels: list[Channel]
    channel: Channel
    tee: Tee | None
    tees: list[Tee]
    kept: Channel

    @property
    def latest(self) -> Frame | None:
        """The last frame of the source that is looked at."""
        return self.channel.latest

    @property
    def player(self) -> Playable | None:
        """A simulated boot, if that is looked at."""
        return self.channel.player

    @property
    def travel(self) -> Travel:
        """Where in time the reader is."""
        return self.channel.travel

    @property
    def shown(self) -> Frame | None:
        """The frame on the glass: the latest, or that of another moment."""
        return self.view.choice.frozen or self.latest

    @abstractmethod
    def set_view(self, view: View) -> None:
        """Takes over a view and paints what it shows."""

    @abstractmethod
    def note(self, text: str) -> None:
        """A passing message in the last line."""

    @abstractmethod
    def rows_high(self) -> int:
        """Rows that the table shows."""

    @abstractmethod
    def hosts(self) -> list[overview.HostRow]:
        """What there is of each source."""

    @abstractmethod
    def show_moment(self) -> None:
        """Paints the moment at which the reader is."""

    @abstractmethod
    def played(self, view: View) -> View:
        """The view with what is to be told of a simulated boot."""

    # ---- mouse -----------------------------------------------------------

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
            self._seek(timeline.moment_at(self.view.situation.deck, wide, x))
        elif where.trend_at <= y < where.trend_at + where.trend_high:
            moment = trend.moment_at(frame, self.view, wide, x)
            if moment is not None:
                self._seek(frame.at.uptime + moment - frame.now)

    # ---- lists and pages -------------------------------------------------

    def action_select(self, module: str) -> None:
        """The cursor on a module."""
        self.set_view(self.view.choosing(cursor=module))

    def action_move(self, by: int) -> None:
        """The cursor, or the page, by some lines."""
        if self.view.choice.page in _SCROLLED_PAGES:
            self.set_view(self.view.choosing(scroll=self._scroll_to(self.view.choice.scroll + by)))
        elif self.shown is not None:
            # Without a cursor, the first step down sets it on the first row.
            steps = by if self.view.choice.cursor is not None else max(0, by - 1)
            self.set_view(move_cursor(self.shown, self.view, steps, self.rows_high()))

    def _scroll_to(self, place: int) -> int:
        wide, high = self.glass.size
        if self.view.choice.page == Page.HOSTS:
            return max(0, min(place, len(overview.order(self.hosts(), self.view)) - 1))
        if self.view.choice.page == Page.BOOTS and self.view.situation.deck:
            return max(0, min(place, len(self.view.situation.deck.boots) - 1))
        if self.view.choice.page == Page.HELP:
            length = len(pages.help_lines(wide, self.view))
        elif self.view.choice.page == Page.DEMO_END and self.latest is not None:
            length = len(demo_end.seen_page(self.latest, self.view, wide))
        else:
            sample = self.shown.sample if self.shown else None
            length = len(pages.raw_lines(sample.text)) + 1 if sample else 0
        return max(0, min(place, length - (high - 2)))

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
            names = list(overview.HOST_SORTS)
            self.action_sort_hosts(
                names[(names.index(self.view.choice.host_sort) + 1) % len(names)]
            )
        if self.view.choice.page != Page.MAIN:
            return
        self.set_view(next_sort(self.view))
        self.note(f"sorted by {self.view.choice.sort}")

    def action_sort_by(self, column: str) -> None:
        """That column, or the other way round."""
        self.set_view(sort_by(self.view, column))

    def action_reverse(self) -> None:
        """The other way round."""
        self.set_view(self.view.choosing(reverse=not self.view.choice.reverse, top=0))

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
        rows = rows_shown(self.shown, self.view)
        if rows:
            module = rows[cursor_place(rows, self.view)].module
            self.set_view(self.view.choosing(cursor=module, page=Page.MODULE, back=Page.MAIN))

    def action_window(self) -> None:
        """The next span of time."""
        if self.shown is not None:
            self.set_view(next_window(self.shown, self.view))

    def action_mode(self) -> None:
        """Total or per second."""
        self.set_view(self.view.choosing(per_second=not self.view.choice.per_second))

    def action_stage(self) -> None:
        """All stages or one."""
        self.set_view(next_stage(self.view))

    def action_raw(self) -> None:
        """The text as read."""
        self._turn_to(Page.RAW)

    def action_help(self) -> None:
        """Keys and meaning."""
        self._turn_to(Page.HELP)

    def _turn_to(self, page: Page) -> None:
        if self.view.choice.page == page:
            self._turn_back()
        else:
            tops = (Page.MAIN, Page.DEMO_END, Page.HOSTS, Page.MODULE)
            back = self.view.choice.page if self.view.choice.page in tops else self.view.choice.back
            self.set_view(self.view.choosing(page=page, scroll=0, back=back))

    def _turn_back(self) -> None:
        """To the page from which this one was opened; a simulated boot's end is told then."""
        view = self.view.choosing(page=self.view.choice.back, back=Page.MAIN, scroll=0)
        self.set_view(self.played(view))

    async def action_back(self) -> None:
        """From a page to the main screen; there, clears filter, then cursor."""
        if self.view.choice.page == Page.HOSTS:
            self.set_view(self.view.choosing(filter=""))
        elif self.view.choice.page != Page.MAIN:
            self._turn_back()
        elif len(self.channels) > 1 and not (self.view.choice.filter or self.view.choice.cursor):
            self.action_hosts()
        elif self.view.choice.filter:
            self.set_view(self.view.choosing(filter="", top=0))
        else:
            self.set_view(self.view.choosing(cursor=None, top=0))

    # ---- hosts -----------------------------------------------------------

    def action_sort_hosts(self, column: str) -> None:
        """By that column, or the other way round."""
        again = column == self.view.choice.host_sort
        turned = not self.view.choice.reverse if again else False
        self.set_view(self.view.choosing(host_sort=column, reverse=turned, scroll=0))

    def action_open_host(self, number: int) -> None:
        """All of one host."""
        self.channel = self.channels[number]
        self.set_view(
            self.view.choosing(
                page=Page.MAIN,
                host=self.view.choice.scroll,
                hosts_filter=self.view.choice.filter,
                hosts_reverse=self.view.choice.reverse,
                scroll=0,
                filter="",
                reverse=False,
                cursor=None,
                top=0,
            ).knowing(source=self.channel.source, ended=self.channel.ended, overdue=0.0)
        )

    def action_hosts(self) -> None:
        """Back to all hosts, and to now."""
        self.travel.live()
        self.view = self.view.choosing(frozen=None, cursor=None).knowing(deck=None)
        self.set_view(
            self.view.choosing(
                page=Page.HOSTS,
                back=Page.HOSTS,
                scroll=self.view.choice.host,
                filter=self.view.choice.hosts_filter,
                reverse=self.view.choice.hosts_reverse,
            )
        )

    # ---- the input line --------------------------------------------------

    def action_filter(self) -> None:
        """Opens the input of the filter."""
        if self.view.choice.page in (Page.MAIN, Page.HOSTS):
            self._ask("filter:", self.view.choice.filter)

    def action_go_to(self) -> None:
        """Asks for a time."""
        if self.shown is not None:
            self._ask("go to:", "")

    def _ask(self, what: str, value: str = "") -> None:
        """Opens the input line for something; for nothing, closes it."""
        self.screen.set_class(bool(what), "asking")
        self.set_view(self.view.choosing(asking=what))
        line = self.query_one("#line", Input)
        if what:
            with line.prevent(Input.Changed):
                line.value = value
        (line if what else self.glass).focus()

    @on(Input.Changed)
    def _input_changed(self, message: Input.Changed) -> None:
        if self.view.choice.asking == "filter:":
            self.set_view(self.view.choosing(filter=message.value, top=0))

    @on(Input.Submitted)
    def _input_done(self, message: Input.Submitted) -> None:
        self._answer(message.value)

    def _answer(self, text: str) -> None:
        asked = self.view.choice.asking
        self._ask("")
        if asked == "filter:":
            self.set_view(self.view.choosing(filter=text, top=0))
        elif text.strip():
            self._go_to(text)

    def type_in(self, text: str) -> None:
        """Into the input line, whether or not Textual has given it the focus yet."""
        line = self.query_one("#line", Input)
        line.insert_text_at_cursor(text[: max(0, MOST_TYPED - len(line.value))])

    async def press_in(self, key: str) -> bool:
        """A key of the input line; whether it is one."""
        line = self.query_one("#line", Input)
        if key == "enter":
            self._answer(line.value)
        elif key == "escape":
            if self.view.choice.asking == "filter:":
                self.set_view(self.view.choosing(filter="", top=0))
            self._ask("")
        elif key in _LINE_KEYS:
            await self.run_action(_LINE_KEYS[key], line)
        else:
            return False
        return True

    async def on_key(self, event: events.Key) -> None:
        """Esc within the input gives it up."""
        if self.view.choice.asking and event.key == "escape":
            event.stop()
            event.prevent_default()
            await self.press_in("escape")

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted goes into the input line, if that is asked for; its first line does."""
        if self.view.choice.asking and not self.query_one("#line", Input).has_focus:
            self.type_in("".join(event.text.splitlines()[:1]))

    def action_copy(self) -> None:
        """The text report to the terminal's clipboard (OSC 52), and to a file for those without."""
        text = saving.report_text(self.shown, self.view)
        if text is None:
            self.note("nothing to copy yet")
            return
        # A terminal never answers whether it took it, and many, and tmux as it comes, do not.
        self.copy_to_clipboard(text)
        told = saving.save("kmodtop-report.txt", text, "report written to")
        self.note(f"{told}; sent to the clipboard too, if the terminal takes it")

    def action_picture(self) -> None:
        """The screen as a picture (SVG)."""
        self.note(saving.save("kmodtop-screen.svg", self.export_screenshot(), "picture saved as"))

    def action_record(self) -> None:
        """Into a file: all that was seen since the start, and what comes."""
        if self.tee is not None:
            self.note(f"records into {harmless(self.tee.path)} already")
            return
        if self.travel.is_replay or self.view.choice.page == Page.HOSTS:
            host = "open a host first; one is recorded at a time"
            self.note(
                host if self.view.choice.page == Page.HOSTS else "this is a recording already"
            )
            return
        path = saving.new_path("kmodtop-recording.db")
        try:
            self.tee = Tee(path)
        except SourceError as error:
            self.note(str(error))
            return
        self.tee.tell, self.kept = self.tell_from_thread, self.channel
        self.tees.append(self.tee)
        self.tee.keep_past(self.travel.items())
        self.set_view(self.view.knowing(recording=path))
        self.note(f"records into {harmless(path)}")

    def tell_from_thread(self, sentence: str) -> None:
        """For the tee's thread, which may still be there when the app has ended."""
        if self.is_running:
            self.call_later(self.note, sentence)

    # ---- time ------------------------------------------------------------

    def action_freeze(self) -> None:
        """Holds the view still, or goes back to now; plays or halts a replay."""
        if self.view.choice.page == Page.HOSTS:
            return
        if self.travel.is_replay:
            self.action_halt()
        elif self.travel.player is not None:
            self.action_now()
        elif self.latest is not None and self.travel.hold(self.latest):
            self.view = self.view.choosing(frozen=self.latest)
            self.set_view(self.view.knowing(deck=self.travel.deck()))

    def action_now(self) -> None:
        """Back to now; in a replay, to its end."""
        player = self.travel.player
        if self.travel.is_replay and player is not None:
            self._seek(player.tape.end)
        else:
            self.travel.live()
            self.set_view(self.played(self.view.choosing(frozen=None).knowing(deck=None)))

    def _seek(self, moment: float | None) -> None:
        """To the moment (seconds since boot), and stand still there."""
        if moment is None or self.latest is None:
            return
        player = self.travel.player or self.travel.hold(self.latest)
        if player is None:
            return
        self.travel.refresh()
        player.paused = True
        player.seek(moment)
        self.show_moment()

    def action_scrub(self, by: int) -> None:
        """By so many columns of the trend."""
        frame = self.shown
        if frame is None:
            return
        wide = max(20, trend.plot_width(self.glass.size.width))
        _, column = trend.edges_of(frame, self.view, wide)
        at = self.travel.player.position if self.travel.player else frame.at.uptime
        self._seek(at + by * column)

    def action_change(self, by: int) -> None:
        """To the next change, or the one before."""
        self._jump("change", by)

    def action_storm(self, by: int) -> None:
        """To where a storm began."""
        self._jump("storm", by)

    def _jump(self, what: str, by: int) -> None:
        if self.latest is None:
            return
        player = self.travel.player or self.travel.hold(self.latest)
        if player is None:
            return
        self.travel.refresh()
        found = player.step(by) if what == "change" else player.storm(by)
        self.show_moment()
        if not found:
            self.note(f"no {what} {'after' if by > 0 else 'before'} this")

    def _go_to(self, text: str) -> None:
        frame = self.shown
        if frame is None:
            return
        at = self.travel.player.position if self.travel.player else frame.at.uptime
        wall = frame.at.wall
        try:
            self._seek(units.moment(text, at, wall))
        except ValueError as error:
            self.note(harmless(str(error)))

    def action_boots(self) -> None:
        """Which boots there are."""
        deck = self.view.situation.deck
        if deck is None or len(deck.boots) < 2:
            self.note("there is one boot only")
        elif self.view.choice.page == Page.BOOTS:
            self._turn_back()
        else:
            self.set_view(self.view.choosing(page=Page.BOOTS, back=Page.MAIN, scroll=deck.boot - 1))

    def action_choose_boot(self, number: int) -> None:
        """Plays that boot from its beginning."""
        speed = self.travel.player.speed if self.travel.player else 1.0
        self.travel.play(number, None, speed)
        self.view = self.view.choosing(page=Page.MAIN, cursor=None, top=0, scroll=0)
        self.show_moment()

    def action_halt(self) -> None:
        """Plays on from here, or halts; so does a simulated world."""
        travelling = self.travel.player
        if travelling is not None:
            if travelling.is_over and travelling.paused is False and self.travel.is_replay:
                travelling.seek(travelling.tape.begin)
            else:
                travelling.paused = not travelling.paused
            self.show_moment()
        elif self.player is not None:
            self.player.paused = not self.player.paused
            self._turn_player("halted" if self.player.paused else "going on")

    def action_faster(self, by: int) -> None:
        """Another speed."""
        if self.travel.player is not None:
            self.travel.player.change_speed(by)
            self.show_moment()
        elif self.player is not None:
            self.player.change_speed(by)
            self._turn_player(f"speed {self.player.speed:g}")

    # ---- a simulated boot ------------------------------------------------

    def action_era(self) -> None:
        """The same boot under the next era."""
        if self.player is not None:
            self.action_now()
            self.player.paused = False
            self.player.next_era()
            self._turn_player(f"era: {self.player.era}")

    def action_restart(self) -> None:
        """The boot from its beginning."""
        if self.player is not None:
            self.action_now()
            self.player.paused = False
            self.player.restart()
            self._turn_player("the boot begins anew")

    def _turn_player(self, told: str) -> None:
        self.view = self.played(self.view)
        self.note(told)

    async def run_action(self, *words: Any, **names: Any) -> bool:
        """What can't be done, as a recording is damaged there, is a note."""
        try:
            return await super().run_action(*words, **names)
        except SourceError as error:
            self.note(str(error))
            return True

    # ---- the palette -----------------------------------------------------

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key of the table by name."""
        for key in (*KEYS, *TIME_KEYS, *(DEMO_KEYS if self.player else ()), BOOTS_KEY):
            yield SystemCommand(key.long, f"key {key.shown}", self._runner(key.action))

    def _runner(self, action: str) -> Callable[[], None]:
        return lambda: self.call_next(self.run_action, action)
