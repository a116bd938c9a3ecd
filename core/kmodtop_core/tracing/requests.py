"""Who asked: each load to its requester.

A modprobe that the kernel itself has started is the autoloader's: an event of the child
(call_usermodehelper_exec_async(), kernel/umh.c) tells what it was to load, and module_request who
ran into it and where.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .lines import Line, Odd, last_moment, read_line, read_lines
from .loads import FAILED, Load, Loads, Outcome
from .processes import Life, Processes, lines_of
from .requesters import LOADERS, Autoload, Requester, requester_of

TRACE, PROCESSES = "trace.txt", "procs.json"
OPENS, LOOKED_UP, PATHS = "opens.jsonl", "procs.jsonl", "paths.txt"

PIECES = (PATHS, TRACE, OPENS, LOOKED_UP)
"""Pieces of evidence that grow while it happens: each a list of lines, in order."""

HEARD = (PROCESSES, *PIECES)
"""Pieces that tell who asked."""

_READERS = frozenset(("modinfo", "depmod", "kmodtop", "cp", "rsync", "dpkg", "tar", "dpkg-deb"))
"""Commands that open modules for other ends than loading."""

_MOST = 1_000_000

_BACK_S = 30.0
"""Seconds by which events of several CPUs may be out of order: mostly microseconds, but a virtual
CPU that is not let run holds back what it was about to tell (measured: more than one second)."""


class Request(NamedTuple):
    """A load and who asked for it; the life is of the process that made the call. `device`: below
    /sys, for which a worker of udev asked, None where that was not told."""

    load: Load
    life: Life
    autoload: Autoload | None = None
    device: str | None = None

    @property
    def requester(self) -> Requester:
        """As far as it is known by now."""
        return requester_of(self.life, self.load.comm, self.autoload)


class Open(NamedTuple):
    """A module's file that somebody opened. `at`: seconds since boot."""

    at: float
    module: str
    requester: Requester


class Told(NamedTuple):
    """What was told up to a moment.

    `began`: seconds since boot of the first event, None where there was none. `failed`: loads
    that failed, by their order; `live`: how many went live. `lost`: events that the kernel had
    no room for; `odd`: lines that were not whole; `unknown`: loads of which not enough was told;
    `vague`: failures that may not count, `doubtful` those of them that look like duplicates.
    `counts`: the kernel's own counting was traced. `opens`: files that were opened, `lost_opens`:
    how many more of which nobody knows who did.
    """

    began: float | None = None
    ended: float | None = None
    failed: tuple[Request, ...] = ()
    live: int = 0
    lost: int = 0
    odd: int = 0
    unknown: int = 0
    counts: bool = False
    opens: tuple[Open, ...] = ()
    lost_opens: int = 0
    vague: int = 0
    doubtful: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was lost, or could not be understood."""
        return not (self.lost or self.odd or self.unknown or self.doubtful)


class Requests:
    """Hears evidence piece by piece, as it was taken, and tells what it amounts to.

    `skip`: events up to that moment (seconds since boot) are not taken, as they were heard before.
    """

    def __init__(self, has_init: bool = False) -> None:
        self.loads, self.processes = Loads(has_init), Processes()
        self.lost = self.odd = self.lost_opens = 0
        self.skip = float("-inf")
        self._began: float | None = None
        self._ended: float | None = None
        self._failed: list[Request] = []
        self._times: list[float] = []
        self._seen: set[tuple[float, int]] = set()
        self._live: list[float] = []
        self._opens: list[Open] = []
        self._asked: dict[str, Autoload] = {}
        self._looks: dict[int, list[tuple[float, str]]] = {}

    def __bool__(self) -> bool:
        return self._began is not None or bool(self._opens)

    def hear(self, piece: str, data: bytes) -> None:
        """The next part of a piece. Never raises."""
        if piece == TRACE:
            for line in read_lines(data):
                self.follow(line)
        elif piece == PATHS:
            for line in read_lines(data):
                if isinstance(line, Line) and line.event == "open":
                    self._look_at(line)
        elif piece in (OPENS, LOOKED_UP):
            for entry in _entries(data):
                if piece == OPENS:
                    self._open(entry)
                else:
                    self.processes.look_up(entry)

    def loads_of(self, data: bytes) -> list[Load]:
        """The loads that a part of a trace ends, all of them."""
        return [load for line in read_lines(data) for load in self.follow(line)]

    def follow(self, line: Line | Odd) -> list[Load]:
        """One line; the loads that it ends."""
        if isinstance(line, Odd):
            self.lost += line.lost
            self.odd += not line.lost
            return []
        if line.at <= self.skip:
            return []
        if self._began is None:
            self._began = line.at
        if line.at < (self._ended or 0.0) - _BACK_S:  # another trace, or another boot
            self.odd += 1
            self.loads.forget()
            self.processes = Processes()
        self._ended = max(line.at, self._ended or line.at)
        self.processes.follow(line)
        if line.event == "module_request":
            self._request(line)
        elif line.event == "open":
            self._look_at(line)
        elif line.event == "umhx":
            path, alias = line.fields.get("path", ""), line.fields.get("mod", "")
            if path.rpartition("/")[2] in LOADERS and alias not in ("", "(fault)"):
                self.processes.life(line.pid).asked_as = alias
        ended = list(self.loads.follow(line))
        for load in ended:
            self._keep(load)
        return ended

    def _request(self, line: Line) -> None:
        alias = line.fields["name"]
        if len(self._asked) < _MOST:
            self._asked[alias] = Autoload(alias, line.comm, line.fields["call_site"])

    def _keep(self, load: Load) -> None:
        if load.outcome is Outcome.LIVE:
            self._live.append(load.at)
        elif (load.at, load.pid) in self._seen:
            self.odd += 1  # the same event again, as where two traces were put together
        elif load.outcome in FAILED and len(self._failed) < _MOST:
            self._seen.add((load.at, load.pid))
            request = self._of(load)
            # Nearly always in order: events of one moment on several CPUs may not be.
            place = bisect_right(self._times, load.at)
            self._times.insert(place, load.at)
            self._failed.insert(place, request)

    def _of(self, load: Load) -> Request:
        life = self.processes.life(load.pid, load.comm)
        aliases = (above.asked_as for above in life.line() if above.asked_as is not None)
        alias, autoload = next(aliases, None), None
        if alias is not None:  # it, or what it has started: an install command of modprobe.d(5)
            autoload = self._asked.get(alias) or Autoload(alias or None)
        elif load.comm in LOADERS and life.parent is not None and life.parent.is_kernel:
            autoload = Autoload(None)
        return Request(load, life, autoload, self._device(load))

    def _look_at(self, line: Line) -> None:
        """A process has opened a device's uevent file."""
        path = line.fields.get("f", "")
        if path.startswith("/sys/") and path.endswith("/uevent") and len(self._looks) < _MOST:
            device = path.removeprefix("/sys/").removesuffix("/uevent")
            self._looks.setdefault(line.pid, []).append((line.at, device))

    def _device(self, load: Load) -> str | None:
        """The last that the process had looked at before; it looks at what that is in after it."""
        looks = self._looks.get(load.pid, [])
        place = bisect_right(looks, (load.at, "\U0010ffff"))
        device = looks[place - 1][1] if place else None
        while place > 1 and looks[place - 2][1].startswith(f"{device}/"):
            place -= 1
            device = looks[place - 1][1]
        return device

    def _open(self, entry: dict[str, object]) -> None:
        if entry.get("lost") == 1:
            self.lost_opens += 1
            return
        at, file, pid, comm = (entry.get(key) for key in ("t", "file", "pid", "comm"))
        if not (isinstance(at, int | float) and isinstance(file, str) and isinstance(comm, str)):
            return
        if not 0 <= at < 1e10 or comm in _READERS or len(self._opens) >= _MOST:
            return
        life = Life(pid if type(pid) is int else 0, comm[:64])
        parent, ppid = entry.get("parent"), entry.get("ppid")
        if isinstance(parent, str) or type(ppid) is int:
            life.parent = Life(ppid if type(ppid) is int else 0, str(parent or "")[:64])
            life.forked_by = life.parent.comm
        unit = entry.get("unit")
        life.unit = unit[:120] if isinstance(unit, str) else None
        is_kernel = comm in LOADERS and life.parent is not None and life.parent.is_kernel
        requester = requester_of(life, life.comm, Autoload(None) if is_kernel else None)
        self._opens.append(Open(float(at), module_of(file), requester))

    @property
    def ended(self) -> float:
        """Seconds since boot of the last event; minus infinity where there was none."""
        return float("-inf") if self._ended is None else self._ended

    def at(self, upto: float = float("inf")) -> Told | None:
        """What was told up to that moment (seconds since boot); None where nothing was."""
        if not self:
            return None
        place = bisect_right(self._times, upto)
        waiting = [self._of(load) for load in self.loads.waiting() if load.at <= upto]
        return Told(
            self._began,
            self._ended,
            (*self._failed[:place], *waiting),
            sum(at <= upto for at in self._live),
            self.lost,
            self.odd,
            self.loads.unknown,
            self.loads.counts,
            tuple(o for o in self._opens if o.at <= upto),
            self.lost_opens,
            self.loads.vague,
            self.loads.doubtful,
        )


def heard_of(pieces: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """(piece, data) of a bundle in the order in which they are to be heard: processes as they
    were when it began come before the trace, those that were looked up meanwhile after it."""
    processes = pieces.get(PROCESSES, b"{}")
    if started := lines_of(processes, "start"):
        yield LOOKED_UP, started
    for piece in PIECES:
        if piece in pieces:
            yield piece, pieces[piece]
    if lived := lines_of(processes, "live"):
        yield LOOKED_UP, lived


def module_of(file: str) -> str:
    """The module that a file holds: its name up to .ko, as the kernel spells it."""
    return file.rpartition("/")[2].partition(".ko")[0].replace("-", "_")


def _entries(data: bytes) -> Iterator[dict[str, object]]:
    for line in data.splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry


def joined(first: bytes, later: bytes) -> bytes:
    """Two traces of one boot as one: of the later what comes after the first."""
    ended = last_moment(first)
    rest = [
        raw
        for raw in later.split(b"\n")
        if not isinstance(line := read_line(raw), Line) or line.at > ended
    ]
    return first + (b"" if first.endswith(b"\n") or not first else b"\n") + b"\n".join(rest)
