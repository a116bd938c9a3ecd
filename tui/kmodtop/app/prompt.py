"""The input line, over the last line of the glass: asks for a filter, or for a time."""

from textual.binding import Binding
from textual.widgets import Input

from .keyboard import MOST_TYPED

_KEYS = {
    key: binding.action
    for binding in Input.BINDINGS
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}
"""Keys of an input line and what they do there."""


class Prompt(Input):
    """Shown while the screen has the class `asking`; its answers are Input's messages."""

    def __init__(self) -> None:
        super().__init__(id="line", compact=True)

    def ask(self, value: str) -> None:
        """Begins with that answer."""
        with self.prevent(Input.Changed):
            self.value = value
        self.focus()

    def type_in(self, text: str) -> None:
        """As much of it as an answer may have, whether or not Textual has given it the focus."""
        self.insert_text_at_cursor(text[: max(0, MOST_TYPED - len(self.value))])

    async def press(self, key: str) -> bool:
        """A key that moves or deletes; whether it is one."""
        if key not in _KEYS:
            return False
        await self.app.run_action(_KEYS[key], self)
        return True
