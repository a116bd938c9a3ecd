"""Commands by name: Textual's palette, over every key of the table."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from textual import events
from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.geometry import Size
from textual.screen import Screen

from ..view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS
from .base import Base

_PALETTE_SIZE = Size(40, 10)
"""The smallest screen on which Textual's palette works."""


class Palette(CommandPalette):
    """Textual's list of commands, which may be left once only."""

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Two clicks beside it may come together: the second finds it closed."""
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()  # type: ignore[no-untyped-call]

    def _action_command_list(self, action: str) -> None:
        """A page up in a list that is still empty is none."""
        with suppress(LookupError):
            super()._action_command_list(action)


class Commands(Base):
    """Lists them where there is room."""

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key of the table by name."""
        for key in (*KEYS, *TIME_KEYS, *(DEMO_KEYS if self.player else ()), BOOTS_KEY):
            yield SystemCommand(key.long, f"key {key.shown}", self._runner(key.action))

    def _runner(self, action: str) -> Callable[[], None]:
        return lambda: self.call_next(self.run_action, action)

    def action_command_palette(self) -> None:
        """Lists all commands, where there is room for that."""
        if self.use_command_palette and not CommandPalette.is_open(self):  # type: ignore[arg-type]
            if self._has_room_for_palette(self.size):
                self.push_screen(Palette(id="--command-palette"))
            else:
                self.note("the list of commands needs a larger screen; ? shows the keys")

    def on_resize(self, event: events.Resize) -> None:
        """Textual's palette fails on a screen that has no room for it."""
        if len(self.screen_stack) > 1 and not self._has_room_for_palette(event.size):
            self.pop_screen()

    @staticmethod
    def _has_room_for_palette(size: Size) -> bool:
        return size.width >= _PALETTE_SIZE.width and size.height >= _PALETTE_SIZE.height
