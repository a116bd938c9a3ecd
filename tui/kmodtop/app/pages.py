"""Pages: turning to them and back, other sources, themes; from every page."""

import asyncio
from collections.abc import Callable, Iterable

from textual.app import SystemCommand
from textual.command import CommandPalette
from textual.screen import Screen

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.kinds import Kind, kind_of
from kmodtop_core.plain import harmless

from ..session.channel import Channel
from ..session.checking import check
from ..view import moves
from ..view.view import Page
from .base import Base
from .palette import Palette, has_room, keys_of, tasks

Opener = Callable[[str], Channel]
"""Opens another source by its name. Raises SourceError."""

_DEMO = "sim:big-255"
_OPEN = "open:"


class Pages(Base):
    """Where a key leads; `opener` is None where nothing else can be opened."""

    opener: Opener | None = None
    _checked: str | None = None

    def action_raw(self) -> None:
        """The text as read."""
        self._turn_to(Page.RAW)

    def action_findings(self) -> None:
        """What happened, when, who is to blame."""
        if self.view.choice.page != Page.HOSTS:
            self._turn_to(Page.FINDINGS)

    def action_help(self) -> None:
        """Keys and meaning."""
        self._turn_to(Page.HELP)

    def _turn_to(self, page: Page) -> None:
        self.set_view(self.played(moves.turn_to(self.view, page)))

    async def action_back(self) -> None:
        """From a page to the one before; on the first, clears filter, then cursor."""
        choice = self.view.choice
        if choice.page == Page.HOSTS:
            self.set_view(moves.filter_by(self.view, ""))
        elif choice.page != Page.MAIN:
            self.set_view(self.played(moves.turn_back(self.view)))
        elif len(self.channels) > 1 and not (choice.filter or choice.only or choice.cursor):
            self.action_hosts()
        else:
            self.set_view(moves.clear(self.view))

    def action_theme(self) -> None:
        """Another theme."""
        self.set_view(moves.next_theme(self.view))
        theme = self.view.look.theme
        told = f"theme: {theme.name}"
        self.note(told if theme.colours else f"{told}, without colours as NO_COLOR asks for")

    # ---- sources ---------------------------------------------------------

    def open_host(self, number: int) -> None:
        """All of one source."""
        self.travel.live()  # the one that is left goes on
        self.channel = self.channels[number]
        view = moves.open_host(self.view, self.channel.source, self.channel.ended)
        recording = self.tee.path if self.tee is not None and self.channel is self.kept else ""
        view = view.knowing(
            demo=None, deck=self.travel.deck(), checks=(), answer=None, recording=recording
        )
        self._checked = None
        self.set_view(self.played(view))

    def action_hosts(self) -> None:
        """Back to all sources, and to now."""
        self.travel.live()
        self.set_view(moves.to_hosts(self.view))

    def action_open_source(self) -> None:
        """Asks for a file, a recording or a host, and shows it."""
        if self.opener is None:
            self.note("nothing else can be opened here")
        else:
            self.ask(_OPEN, "", self._open_named)

    def action_demo(self) -> None:
        """A simulated boot."""
        place = next((i for i, c in enumerate(self.channels) if c.player is not None), None)
        if place is not None:
            self.open_host(place)
        elif self.opener is not None:
            self._open_named(_DEMO)

    def _open_named(self, name: str) -> None:
        if name.strip() and self.opener is not None:
            self.run_worker(self._open(name.strip(), self.opener), name="open", exclusive=True)

    async def _open(self, name: str, opener: Opener) -> None:
        """In a thread, as a host or a disk may be slow."""
        try:
            channel = await asyncio.to_thread(opener, name)
        except SourceError as error:
            self.note(str(error))
            return
        except OSError as error:
            self.note(f"{harmless(name)} cannot be opened: {error.strerror}")
            return
        self.channels.append(channel)
        self.begin(channel)
        self.view = self.view.knowing(hosts=len(self.channels))
        self.open_host(len(self.channels) - 1)
        if self.travel.player is not None:
            self.show_moment()

    def begin(self, channel: Channel) -> None:
        """Begins to read a source."""
        raise NotImplementedError

    # ---- why nothing can be read -------------------------------------------

    def action_doctor(self) -> None:
        """All conditions that have to hold, at length."""
        label = self.channel.source.label
        if self.view.choice.page == Page.HOSTS or kind_of(label, Machine()) is Kind.REMOTE:
            self.note("kmodtop doctor HOST, in another shell, says what a host lacks")
            return
        self._turn_to(Page.DOCTOR)
        self._checked = None
        self.examine()

    def examine(self) -> None:
        """Finds out why the source cannot be read, once."""
        label = self.channel.source.label
        if self._checked == label or kind_of(label, Machine()) in (Kind.REMOTE, Kind.STDIN):
            return  # another link, or another reader, is not to be had unasked
        self._checked = label
        loop = asyncio.get_running_loop()
        check(label, lambda found: loop.call_soon_threadsafe(self._found, label, found))

    def _found(self, label: str, checks: tuple[object, ...]) -> None:
        if label == self.channel.source.label:
            self.set_view(self.view.knowing(checks=checks))

    # ---- the palette -------------------------------------------------------

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What can be done, by name."""
        deck = self.view.situation.deck
        keys = keys_of(self.player is not None, deck is not None and len(deck.boots) > 1)
        return tasks(keys, self._runner)

    def _runner(self, action: str) -> Callable[[], None]:
        return lambda: self.call_next(self._perform, action)

    async def _perform(self, action: str) -> None:
        name = action.partition("(")[0]
        page: object = self.screen_stack[0]
        await self.run_action(action, page if hasattr(page, f"action_{name}") else self)

    def action_command_palette(self) -> None:
        """Lists all tasks, where there is room for that."""
        if self.use_command_palette and not CommandPalette.is_open(self):  # type: ignore[arg-type]
            if has_room(self.size):
                self.push_screen(Palette(id="--command-palette"))
            else:
                self.note("the list of tasks needs a larger screen; ? shows the keys")
