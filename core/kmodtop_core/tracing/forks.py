"""Forks that matter: of all processes of a machine, those above one that asked for a module.

A machine that compiles forks a thousand times a second; a recording keeps none of that but the
lines that tell who had started whom.
"""

from collections.abc import Iterator

from .bounds import make_room
from .lines import Line

_MOST = 100_000
"""Forks that are remembered; a modprobe asks within seconds of its own."""

_MOST_ABOVE = 12


class Forks:
    """Remembers each as the kernel printed it, until it is known to matter."""

    def __init__(self) -> None:
        self._lines: dict[int, tuple[int, bytes]] = {}

    def remember(self, line: Line, raw: bytes) -> None:
        """A fork; that of an earlier process of the same pid is forgotten."""
        child = int(line.fields["child"])
        self._lines.pop(child, None)
        make_room(self._lines, _MOST)
        self._lines[child] = (int(line.fields["pid"]), raw)

    def above(self, pid: int) -> Iterator[bytes]:
        """The forks that led to the process, the first one first; each is told once."""
        found = []
        for _ in range(_MOST_ABOVE):
            entry = self._lines.pop(pid, None)
            if entry is None:
                break
            pid, raw = entry
            found.append(raw)
        return reversed(found)
