"""The palette: Textual's list of commands, over the tasks of the table of keys."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.geometry import Size

from ..view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS, Key

LEAST_SIZE = Size(40, 10)
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


def has_room(size: Size) -> bool:
    """Whether Textual's palette works on a screen of that size."""
    return size.width >= LEAST_SIZE.width and size.height >= LEAST_SIZE.height


def tasks(keys: Iterable[Key], run: Any) -> Iterator[SystemCommand]:
    """What can be done, by its name; the key is told beside it. `run` makes a callback of an
    action."""
    for key in keys:
        if key.task:
            yield SystemCommand(key.task, f"{key.long} (key {key.shown})", run(key.action))


def keys_of(is_demo: bool, has_boots: bool) -> list[Key]:
    """Those that do anything."""
    demo = DEMO_KEYS if is_demo else ()
    return [*KEYS, *TIME_KEYS, *demo, *((BOOTS_KEY,) if has_boots else ())]
