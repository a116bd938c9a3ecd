"""The prompt: a line over the keys that asks for something, as less(1) does."""

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Label

from kmodtop_core.plain import harmless

from .keyboard import MOST_TYPED

Answer = Callable[[str], object]

_KEYS = {
    key: binding.action
    for binding in Input.BINDINGS
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}
"""Keys of an input line and what they do there."""


class Prompt(Horizontal):
    """Shown while something is asked for."""

    DEFAULT_CSS = """
    Prompt {
        display: none; layer: over; dock: bottom; height: 1; background: ansi_default;
    }
    Prompt.asking { display: block; }
    Prompt Label { width: auto; padding: 0 1; text-style: bold; color: ansi_default; }
    Prompt Input, Prompt Input:focus {
        width: 1fr; height: 1; border: none; padding: 0;
        background: ansi_default; color: ansi_default;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.label = Label("", markup=False)
        self.input = Input(compact=True)
        self._answer: Answer | None = None
        self._change: Answer | None = None
        self._give_up: Callable[[], object] | None = None

    def compose(self) -> ComposeResult:
        """What is asked for, and the answer."""
        yield self.label
        yield self.input

    @property
    def is_asking(self) -> bool:
        """Whether keys belong to the answer."""
        return self._answer is not None

    def ask(
        self,
        what: str,
        value: str,
        answer: Answer,
        change: Answer | None = None,
        give_up: Callable[[], object] | None = None,
    ) -> None:
        """Asks for something, beginning with `value`; `change` is called as it is typed."""
        self.label.update(what)
        with self.prevent(Input.Changed):
            self.input.value = value
            self.input.action_end()
        self._answer, self._change, self._give_up = answer, change, give_up
        self.add_class("asking")
        self.screen.set_focus(self.input)

    def close(self) -> None:
        """Asks no more."""
        self._answer = self._change = self._give_up = None
        self.remove_class("asking")
        self.screen.set_focus(None)

    def type_in(self, text: str) -> None:
        """As much of it as an answer may have."""
        shown = "".join(char for char in text if harmless(char) == char)
        self.input.insert_text_at_cursor(shown[: max(0, MOST_TYPED - len(self.input.value))])

    async def press(self, key: str) -> bool:
        """A key that moves, deletes, answers or gives up; whether it is one."""
        if key == "enter":
            self._done(self.input.value)
        elif key == "escape":
            self._escape()
        elif key in _KEYS:
            await self.app.run_action(_KEYS[key], self.input)
        else:
            return False
        return True

    def _done(self, text: str) -> None:
        answer = self._answer
        self.close()
        if answer is not None:
            answer(text)

    def _escape(self) -> None:
        give_up = self._give_up
        self.close()
        if give_up is not None:
            give_up()

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        message.stop()
        if self._change is not None:
            self._change(message.value)

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if self.is_asking:
            self._done(message.value)

    def on_key(self, event: events.Key) -> None:
        """Esc gives it up."""
        if self.is_asking and event.key == "escape":
            event.stop()
            event.prevent_default()
            self._escape()
