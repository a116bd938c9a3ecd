"""Bounds of what is remembered while a trace goes on."""

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def make_room(kept: dict[Key, Value], most: int) -> None:
    """Where there are so many, the half that came first goes: what is asked for is recent."""
    if len(kept) >= most:
        for key in list(kept)[: most // 2]:
            del kept[key]
