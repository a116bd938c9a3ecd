"""What all parts of the app share: a view to be replaced, channels, and what is shown."""

from abc import abstractmethod
from typing import Any

from textual.app import App

from kmodtop_core.errors import SourceError
from kmodtop_core.tracking.frame import Frame

from ..session.channel import Channel
from ..session.tee import Tee
from ..session.time_travel import Travel
from ..view.panels import overview
from ..view.view import Playable, View
from .glass import Glass
from .prompt import Prompt


class Base(App[int]):
    """The app as its keys see it."""

    view: View
    glass: Glass
    prompt: Prompt
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
        """The view with what there is to show of a simulated boot."""

    async def run_action(self, *words: Any, **names: Any) -> bool:
        """What cannot be done, as a recording is damaged there, is a note."""
        try:
            return await super().run_action(*words, **names)
        except SourceError as error:
            self.note(str(error))
            return True
