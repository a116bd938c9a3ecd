"""Asking: the input line as keys and pastes reach it, and what becomes of its answers."""

from textual import events, on
from textual.widgets import Input

from ..view import moves
from ..view.view import Page
from .moments import Moments

_FILTER, _TIME = "filter:", "go to:"


class Asking(Moments):
    """Asks for a filter, or for a time."""

    def action_filter(self) -> None:
        """Opens the input of the filter."""
        if self.view.choice.page in (Page.MAIN, Page.HOSTS):
            self._ask(_FILTER, self.view.choice.filter)

    def action_go_to(self) -> None:
        """Asks for a time."""
        if self.shown is not None:
            self._ask(_TIME, "")

    def _ask(self, what: str, value: str = "") -> None:
        """Opens the input line for something; for nothing, closes it."""
        self.screen.set_class(bool(what), "asking")
        self.set_view(self.view.choosing(asking=what))
        if what:
            self.prompt.ask(value)
        else:
            self.glass.focus()

    @on(Input.Changed)
    def _input_changed(self, message: Input.Changed) -> None:
        if self.view.choice.asking == _FILTER:
            self.set_view(moves.filter_by(self.view, message.value))

    @on(Input.Submitted)
    def _input_done(self, message: Input.Submitted) -> None:
        self._answer(message.value)

    def _answer(self, text: str) -> None:
        asked = self.view.choice.asking
        self._ask("")
        if asked == _FILTER:
            self.set_view(moves.filter_by(self.view, text))
        elif text.strip():
            self.go_to(text)

    async def press_in(self, key: str) -> bool:
        """A key of the input line; whether it is one."""
        if key == "enter":
            self._answer(self.prompt.value)
        elif key == "escape":
            if self.view.choice.asking == _FILTER:
                self.set_view(moves.filter_by(self.view, ""))
            self._ask("")
        else:
            return await self.prompt.press(key)
        return True

    async def on_key(self, event: events.Key) -> None:
        """Esc within the input gives it up."""
        if self.view.choice.asking and event.key == "escape":
            event.stop()
            event.prevent_default()
            await self.press_in("escape")

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted goes into the input line, if that is asked for; its first line does."""
        if self.view.choice.asking and not self.prompt.has_focus:
            self.prompt.type_in("".join(event.text.splitlines()[:1]))
