"""Who walks the load path, and what for: module files, and tasks that ask for them."""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Protocol

from ..stats.values import FailReason
from .clock import Handler
from .scenarios import Module, Requests

ABSENT, COMING, LIVE, GOING = range(4)
"""States of a module (include/linux/module.h, enum module_state); COMING stands for UNFORMED, too,
as whoever asks for the name waits in either."""


class Outcome(Enum):
    """Of a request, as libkmod sees it: "exists" is as good as loaded, others give the rest up."""

    FINE = 0
    EXISTS = 1
    FAILED = 2


class File:
    """A module's file and its place in the kernel."""

    __slots__ = ("cached_at", "folded", "module", "read_len", "state", "users")

    def __init__(self, module: Module) -> None:
        self.module = module
        self.state = ABSENT
        self.read_len = module.compressed_len or module.len
        self.cached_at: int | None = None
        self.folded: list[Task] | None = None
        self.users: list[File] = []

    @property
    def is_used(self) -> bool:
        """Whether another module that is there needs it."""
        return any(user.state != ABSENT for user in self.users)


_NO_FILE = File(Module("", 0))
"""Of a uevent that loads nothing."""

Plan = tuple[tuple[File, int], ...]
"""Files in the order in which they are asked for, each with the place to go on at if it fails."""


class Pool(Protocol):
    """Workers, of which each serves a task at a time."""

    def come(self, task: "Task") -> None:
        """A task that wants a worker."""

    def gone(self, task: "Task") -> None:
        """The task is through."""


class Task:
    """What asks for the modules of its plan, one after the other.

    `held` are bytes that its request has allocated, `placed` those of the module area; `reason` is
    what it would be refused for, while it waits for a load to end; `own` are the files that it
    has loaded itself.
    """

    __slots__ = (
        "at", "back", "by_init", "file", "goes_on", "has_core", "held", "leads", "outcome", "own",
        "placed", "plan", "reason", "requests", "round", "since", "slice", "work", "workers",
    )  # fmt: skip

    def __init__(self, requests: Requests, plan: Plan, workers: Pool, back: Handler) -> None:
        self.requests, self.plan, self.workers = requests, plan, workers
        self.by_init = requests.via == "init_module"
        self.at = self.round = self.held = self.placed = self.since = 0
        self.back, self.leads = back, False
        self.file = plan[0][0] if plan else _NO_FILE
        self.reason = FailReason.LOAD
        self.outcome = Outcome.FINE
        self.own: list[File] = []
        self.work: tuple[int, Handler] = 0, back
        self.has_core = self.goes_on = False
        self.slice = 0

    @property
    def packed(self) -> int | None:
        """Bytes of the packed file, if the kernel is to unpack it."""
        length = self.file.module.compressed_len
        return length if length and not self.by_init else None


def files_of(modules: Iterable[Module]) -> dict[str, File]:
    """A file for each module, by its name, knowing which others need it."""
    files = {module.name: File(module) for module in modules}
    for user in files.values():
        for name in user.module.depends:
            files[name].users.append(user)
    return files


def plan_of(wanted: Iterable[str], files: Mapping[str, File]) -> Plan:
    """What each wanted module needs first, then itself; after a failure comes the next wanted one.

    As libkmod does, for one wanted module after the other (libkmod-module.c,
    kmod_module_probe_insert_module): what is live by then is passed over, and soft dependencies
    may fail.
    """
    plan: list[tuple[File, int]] = []
    for name in wanted:
        seen: set[str] = set()
        for soft in _soft(name, files):
            _add(plan, _with_needs(soft, files, seen))
        _add(plan, _with_needs(name, files, seen))
    return tuple(plan)


def _add(plan: list[tuple[File, int]], some: list[File]) -> None:
    plan += [(file, len(plan) + len(some)) for file in some]


def _soft(name: str, files: Mapping[str, File]) -> Iterator[str]:
    """Soft dependencies of a module, and of what it needs."""
    for file in _with_needs(name, files, set()):
        yield from file.module.before


def _with_needs(name: str, files: Mapping[str, File], seen: set[str]) -> list[File]:
    if name in seen:
        return []
    seen.add(name)
    module = files[name].module
    needed = [file for other in module.depends for file in _with_needs(other, files, seen)]
    return [*needed, files[name]]
