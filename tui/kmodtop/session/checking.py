"""Checking: what kmodtop doctor says of a source, found out in a thread of its own."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine

if TYPE_CHECKING:
    from kmodtop_core.reports.doctor import Condition


def check(name: str, tell: "Callable[[tuple[Condition, ...]], object]") -> None:
    """Hands what was found to `tell`, in a thread."""
    threading.Thread(target=_check, args=(name, tell), name="doctor", daemon=True).start()


def _check(name: str, tell: "Callable[[tuple[Condition, ...]], object]") -> None:
    from kmodtop_core.reports.doctor import Condition, examine  # only where something is wrong

    try:
        found = tuple(examine(name, Machine()))
    except SourceError as error:
        found = (Condition("bad", error.why.told, error.why.fix),)
    with suppress(RuntimeError):  # the loop may have ended meanwhile
        tell(found)
