"""The Textual app: takes items from a feed, keys from the reader, and shows scenes.

Everything that can be decided without a terminal is decided in view and its
panels; here keys become views and frames become scenes, each page a Screen and
each panel a widget.
"""

import asyncio
import signal
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType

from ..process.ending import Ending
from ..process.terminal import Terminal
from ..session.channel import Channel
from ..session.tee import Tee
from ..view.ansi import Row
from ..view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS
from ..view.view import Page, View
from .display import Display
from .driver import Gone, TerminalDriver
from .files import Files
from .moments import Moments
from .pages import Opener
from .palette import has_room
from .reading import Reading
from .screens import SCREENS
from .typing import Typing

_APPS = frozenset(
    ("findings", "freeze", "raw", "copy", "picture", "record", "theme", "demo", "open_source",
     "doctor", "help", "quit", "back")
)  # fmt: skip
"""Actions of KEYS that are the same on every page; the others are the pages' own."""


class Kmodtop(Reading, Moments, Files, Typing):
    """Some sources, one of which is looked at."""

    CSS = """
    Screen { background: ansi_default; }
    OptionList > .option-list--option-highlighted { text-style: bold reverse; }
    """
    TITLE = "kmodtop"
    MODES = SCREENS
    DEFAULT_MODE = Page.MAIN
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key.keys, key.action, key.long, show=False)
            for key in (*KEYS, *TIME_KEYS, *DEMO_KEYS, BOOTS_KEY)
            if key.action in _APPS or key not in KEYS
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
        painted: list[Row] | None = None,
        ending: Ending | None = None,
        opener: Opener | None = None,
    ) -> None:
        super().__init__(ansi_color=True, driver_class=TerminalDriver)
        self.terminal, self._ending, self.opener = terminal, ending, opener
        if terminal is not None:
            self.painter = Display(terminal, view.look.theme.colours)
            self.painter.seed(painted or [])
        self.animation_level = "none"
        self.channels = list(channels)
        self.channel = self.channels[0]
        # Whoever started the app closes them, whatever ends it.
        self.tees = [] if tees is None else tees
        self.tee = self.tees[0] if self.tees else None
        self.kept = self.channel
        self.view = view
        # The palette's borders and signs are no ASCII.
        self.use_command_palette = not view.look.glyphs.is_ascii

    def on_load(self) -> None:
        """Tasks begin when the loop comes to them, in every Python.

        From 3.12 on Textual has them begin at once, and a screen of MODES composes its widgets
        before it is on the stack, where an Input looks for it.
        """
        asyncio.get_running_loop().set_task_factory(None)

    def on_mount(self) -> None:
        """Begins to read."""
        loop = asyncio.get_running_loop()
        if self._ending is not None:
            self._ending.attend(lambda number: loop.call_soon_threadsafe(self.end_by, number))
            loop.add_signal_handler(signal.SIGTSTP, self.action_suspend_process)
            loop.add_signal_handler(signal.SIGCONT, self._continued)
        if self.tee is not None:
            self.tee.tell = self.tell_from_thread
        self.is_up = True
        if self.travel.player is not None:
            self.show_moment()
        for channel in self.channels:
            self.begin(channel)
        self.wind()

    def on_unmount(self) -> None:
        """Nothing is handed over any more."""
        self.unwind()
        for channel in self.channels:
            if channel.feed is not None:
                channel.feed.stop()

    def on_resize(self, event: events.Resize) -> None:
        """Textual's palette fails on a screen that has no room for it."""
        self.resized(event.size)
        if len(self.screen_stack) > 1 and not has_room(event.size):
            self.pop_screen()

    # ---- the end ---------------------------------------------------------

    def parting(self) -> View:
        """The view with the answer to what was seen last; of several sources with none."""
        if len(self.channels) > 1:
            return self.view.knowing(answer=None)
        self.settle()
        return self.view

    def end(self, status: int) -> None:
        """Ends with that exit status; if Textual takes too long for it, all the same."""
        self.is_ending = True
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
            self.show_whole()

    def _continued(self) -> None:
        """It may have been stopped by SIGSTOP, and others have used the terminal meanwhile."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.resume()
            self.show_whole()

    @on(Gone)
    def _hung_up(self) -> None:
        """The terminal has gone, and did not control this process, or no signal tells."""
        self.end_by(signal.SIGHUP)

    def _fatal_error(self) -> None:
        """No traceback on the screen: whoever runs the app reports its `exception`."""
        self.is_ending = True
        if self._ending is not None:
            self._ending.begin(1)
        self._close_messages_no_wait()

    @property
    def failure(self) -> Exception | None:
        """What went wrong within, if anything did."""
        return self._exception
