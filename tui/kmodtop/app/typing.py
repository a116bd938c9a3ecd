"""Typing: keys that came together, one after the other, then one picture."""

from itertools import takewhile

from textual import events, on

from .keyboard import MOST_TYPED, Typed
from .page import PageScreen
from .prompt import Prompt
from .showing import Showing


class Typing(Showing):
    """Hands keys to the prompt, the palette, or the bindings of the page."""

    is_ending = False

    @on(Typed)
    async def _typed(self, message: Typed) -> None:
        """Keys that came together: one after the other, then one picture."""
        self.clear_note()
        keys = message.keys
        while keys and not self.is_ending:
            keys = await self._take_keys(keys)

    async def _take_keys(self, keys: list[events.Key]) -> list[events.Key]:
        """Does what the first keys say; returns the others."""
        text = "".join(takewhile(str.isprintable, (key.character or "\0" for key in keys)))
        if len(self.screen_stack) > 1:  # the palette, which looks for it all at each change
            many = len(text) > 1
            self.post_message(events.Paste(text[:MOST_TYPED]) if many else keys[0])
            return keys[max(1, len(text)) :]
        prompt = self._prompt()
        if prompt is not None and keys[0].is_printable:
            prompt.type_in(text)
            return keys[max(1, len(text)) :]
        name = keys[0].key
        if await self._check_bindings(name, priority=True):
            return keys[1:]  # Ctrl-C ends, whatever has the focus
        if not (prompt is not None and await prompt.press(name)):
            self.page_screen()  # to which the keys before have led
            await self._check_bindings(name)
        return keys[1:]

    def _prompt(self) -> Prompt | None:
        """The one that asks for something."""
        screen = self.screen_stack[0]
        asks = isinstance(screen, PageScreen) and screen.prompt.is_asking
        return screen.prompt if asks and isinstance(screen, PageScreen) else None

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted goes into the prompt, if something is asked for; its first line does."""
        prompt = self._prompt()
        if prompt is not None and not prompt.input.has_focus:
            prompt.type_in("".join(event.text.splitlines()[:1]))
