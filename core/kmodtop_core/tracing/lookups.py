"""Processes as /proc shows them, looked up early: those of a load are often gone soon.

Of all that are looked at only those are told that asked for a module, or stand above one that did.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from ..machine.facts import Machine
from .bounds import make_room
from .lines import Line, Odd
from .processes import unit_of

_MOST = 20_000
_MOST_FRESH = 2_000
_LOOKS = 5
"""Looks at a new child of PID 1, which enters its unit after it was forked."""
_ABOVE = 6


class Lookups:
    """Those that there are when it begins, and the children of PID 1 that come."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[int, dict[str, Any]] = {}
        self._fresh: dict[int, int] = {}
        self._parents: dict[int, int] = {}
        self._told: dict[int, str | int | None] = {}

    def begin(self) -> None:
        """Looks at all processes."""
        with suppress(OSError):
            pids = [int(name) for name in os.listdir(self._machine.path("/proc")) if name.isdigit()]
            for pid in pids[:_MOST]:
                self._look(pid)

    def _look(self, pid: int) -> dict[str, Any] | None:
        entry = look_up(self._machine, pid)
        if entry is not None:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[pid] = entry
        return entry

    def note(self, lines: Iterable[Line | Odd]) -> None:
        """What begins: children of PID 1 are units' first processes."""
        for line in lines:
            if isinstance(line, Line) and line.event == "sched_process_fork":
                child = int(line.fields["child"])
                self._known.pop(child, None)
                self._told.pop(child, None)
                self._parents.pop(child, None)
                make_room(self._parents, _MOST)
                self._parents[child] = int(line.fields["pid"])
                if line.fields["pid"] == "1" and len(self._fresh) < _MOST_FRESH:
                    self._fresh[child] = _LOOKS
        for pid, looks in list(self._fresh.items()):
            entry = self._look(pid)
            if entry is None or looks <= 1 or entry["unit"] not in (None, "init.scope"):
                del self._fresh[pid]
            else:
                self._fresh[pid] = looks - 1

    def about(self, pids: Iterable[int]) -> bytes:
        """Those, and what stands above them, as lines of JSON; what was told is not told again."""
        lines = []
        for pid in dict.fromkeys(pids):
            for entry in self._line(pid):
                if self._told.get(entry["pid"], 0) != entry["unit"]:
                    if len(self._told) >= _MOST:
                        self._told.clear()
                    self._told[entry["pid"]] = entry["unit"]
                    lines.append(json.dumps(entry))
        return "".join(f"{line}\n" for line in lines).encode()

    def _line(self, pid: int) -> Iterator[dict[str, Any]]:
        for _ in range(_ABOVE):
            entry = self._look(pid) or self._known.get(pid)
            if entry is not None:
                yield entry
            # Of one that is gone its parent is known, from the event of its fork.
            pid = entry["ppid"] if entry is not None else self._parents.get(pid, 0)
            if pid <= 0:
                return


def look_up(machine: Machine, pid: int) -> dict[str, Any] | None:
    """{pid, comm, ppid, unit} of a process (proc(5), cgroups(7)); None where it is gone."""
    stat = machine.read(f"/proc/{pid}/stat")
    before, _, after = (stat or "").rpartition(")")
    fields = after.split()
    if len(fields) < 2 or not fields[1].isdigit():
        return None
    cgroup = machine.read(f"/proc/{pid}/cgroup") or ""
    comm = before.partition("(")[2]
    return {"pid": pid, "comm": comm, "ppid": int(fields[1]), "unit": unit_of(cgroup)}
