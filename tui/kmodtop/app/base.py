"""What all parts of the app share: a view to be replaced, channels, and what is shown."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from textual.app import App

from kmodtop_core.errors import SourceError
from kmodtop_core.tracking.frame import Frame

from ..session.channel import Channel
from ..session.tee import Tee
from ..session.time_travel import Travel
from ..view.scene import Scene
from ..view.view import Playable, View


class Base(App[int]):
    """The app as its actions see it."""

    view: View
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
        """The frame on the screen: the latest, or that of another moment."""
        return self.view.choice.frozen or self.latest

    def settle(self) -> None:
        """Takes the answer to what is shown now into the view: there is none of another moment."""
        frame, view = self.shown, self.view
        if frame is None or frame.block is None:
            self.view = view.knowing(answer=None)
        else:
            self.view = view.knowing(answer=self.travel.answer(frame, view.look.units))

    @abstractmethod
    def scene(self) -> Scene:
        """All that a picture is made of, as it is now."""

    @abstractmethod
    def set_view(self, view: View) -> None:
        """Takes over a view and shows it."""

    @abstractmethod
    def note(self, text: str) -> None:
        """A passing message above the keys."""

    @abstractmethod
    def ask(
        self,
        what: str,
        value: str,
        answer: Callable[[str], object],
        change: Callable[[str], object] | None = None,
        give_up: Callable[[], object] | None = None,
    ) -> None:
        """Asks for something in the prompt."""

    @property
    @abstractmethod
    def is_asking(self) -> bool:
        """Whether keys belong to an answer."""

    @abstractmethod
    def show_soon(self) -> None:
        """Shows the scene once in this pass of the loop."""

    @abstractmethod
    def wind(self) -> None:
        """Looks at the clock again when something is to be done by then."""

    @abstractmethod
    def ask_filter(self, what: str) -> None:
        """Asks for a part of names; what is typed is shown at once."""

    @abstractmethod
    def open_host(self, number: int) -> None:
        """All of one source."""

    @abstractmethod
    def choose_boot(self, number: int) -> None:
        """Plays that boot from its beginning."""

    @abstractmethod
    def show_moment(self) -> None:
        """Shows the moment at which the reader is."""

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
