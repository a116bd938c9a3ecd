"""Which process a pid was: its command, its parent, its unit.

From the events of a trace, and from /proc as it was looked up meanwhile. A pid that is forked
again is another process: what is known of the one before stays with that.
"""

import json
import re
from collections.abc import Iterator, Mapping

from .bounds import make_room
from .lines import Line

_MOST_LIVES = 200_000
_MOST_PARENTS = 12
_UNIT = re.compile(r"([^/\n]{1,120}\.(?:service|scope|socket|mount|timer|slice))(?=/|$)")
_KTHREADD = 2


class Life:
    """A process from its fork on. `forked_by`: its parent's command when it was forked.
    `asked_as`: what the kernel has started it for, None where it did not. `is_forked`: an event
    told its parent; /proc tells another one where that has ended meanwhile."""

    __slots__ = ("asked_as", "comm", "forked_by", "is_forked", "parent", "pid", "unit")

    def __init__(self, pid: int, comm: str = "", parent: "Life | None" = None) -> None:
        self.pid, self.comm, self.parent = pid, comm, parent
        self.forked_by = parent.comm if parent is not None else ""
        self.unit: str | None = None
        self.is_forked = parent is not None
        self.asked_as: str | None = None

    @property
    def is_kernel(self) -> bool:
        """Whether it is a thread of the kernel."""
        return self.pid == _KTHREADD or (self.parent is not None and self.parent.pid == _KTHREADD)

    def line(self) -> Iterator["Life"]:
        """Itself, its parent, and so on."""
        life: Life | None = self
        for _ in range(_MOST_PARENTS):
            if life is None:
                return
            yield life
            life = life.parent

    @property
    def unit_of_line(self) -> str | None:
        """Its unit, or that of the nearest parent whose unit is known; never that of PID 1, which
        forks for all units."""
        for life in self.line():
            if life.pid in (1, _KTHREADD):
                return None
            if life.unit is not None:
                return life.unit
        return None


class Processes:
    """All that were heard of."""

    def __init__(self) -> None:
        self._lives: dict[int, Life] = {}

    def life(self, pid: int, comm: str = "") -> Life:
        """The process that has that pid now; `comm`: its command, where an event told it."""
        life = self._lives.get(pid)
        if life is None:
            life = self._lives[pid] = Life(pid)
        if comm:
            life.comm = comm
        return life

    def follow(self, line: Line) -> None:
        """What the event tells of processes."""
        if line.event == "sched_process_fork":
            pid, child = int(line.fields["pid"]), int(line.fields["child"])
            parent = self.life(pid, line.fields["comm"].strip())
            self._lives.pop(child, None)
            make_room(self._lives, _MOST_LIVES)
            self._lives[child] = Life(child, parent.comm, parent)
        elif line.event == "sched_process_exec":
            path = line.fields["filename"]
            self.life(int(line.fields["pid"]), path.rpartition("/")[2][:15])
        elif line.event == "cgroup_attach_task":
            self.life(int(line.fields["pid"])).unit = unit_of(line.fields["path"])

    def look_up(self, told: Mapping[str, object]) -> None:
        """A process as /proc showed it: pid, comm, ppid, cgroup or unit."""
        pid, comm, ppid = told.get("pid"), told.get("comm"), told.get("ppid")
        if type(pid) is not int or not isinstance(comm, str):
            return
        life = self.life(pid)
        life.comm = life.comm or comm[:64]
        if life.parent is None and type(ppid) is int and 0 < ppid != pid:
            life.parent = self.life(ppid)
            life.forked_by = life.parent.comm
        unit, cgroup = told.get("unit"), told.get("cgroup")
        if isinstance(unit, str) or isinstance(cgroup, str):
            life.unit = unit_of(str(unit or cgroup)) or life.unit


def unit_of(cgroup: str) -> str | None:
    """The innermost unit of a cgroup's path (systemd.unit(5)); None where it has none."""
    found = [unit for unit in _UNIT.findall(cgroup) if not unit.endswith(".slice")]
    return found[-1] if found else None


def lines_of(processes: bytes, part: str) -> bytes:
    """A part of procs.json, {"start": {pid: ...}, "live": ...}, as lines of JSON, one a process.

    Nothing where it is no such thing. Never raises.
    """
    try:
        told = json.loads(processes)
    except (ValueError, RecursionError):
        return b""
    group = told.get(part) if isinstance(told, dict) else None
    lines = [
        json.dumps(entry | {"pid": int(pid)})
        for pid, entry in (group.items() if isinstance(group, dict) else ())
        if isinstance(entry, dict) and pid.isascii() and pid.isdigit() and len(pid) < 11
    ]
    return "".join(f"{line}\n" for line in lines).encode("ascii")
