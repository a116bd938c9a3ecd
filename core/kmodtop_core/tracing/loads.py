"""Events to loads: which module, how far it came, how many bytes it wasted, by which pid.

Two kinds of probes tell it. Those on the functions that count (kernel/module/stats.c) tell
each failure as the kernel counts it; they exist on kernels with the statistics only. Those on
the steps of load_module() (kernel/module/main.c) tell each request on any kernel: one that
returns an error before its place is being allocated failed at becoming, one that does before
its init function runs at load, and one whose init function refused is counted nowhere.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from .lines import Line

_EEXIST, _EBUSY = -17, -16
_NOBODY = ("<...>", "<idle>", "")
"""What stands for a command that the kernel does not know any more."""

_COMPRESSED = 4
"""MODULE_INIT_COMPRESSED_FILE (include/uapi/linux/module.h)."""

LAYOUT = ("layout", "layout0", "layout1")
READ = ("read", "readfile", "readfile1")
_MOST_PIDS = 100_000
_MOST_BYTES = 1 << 40


class Outcome(StrEnum):
    """How a request ended."""

    LIVE = "live"
    BECOMING = "becoming"
    LOAD = "load"
    REFUSED = "refused by its init function"


INIT, FINIT = "init_module", "finit_module"
"""The two system calls (init_module(2)): a module's image, which no kernel folds; a file of it."""

_CALLS = {"__do_sys_init_module": INIT, "init_module_from_file": FINIT,
          "__do_sys_finit_module": FINIT, "idempotent_init_module": FINIT}  # fmt: skip
"""By who has called load_module()."""

FAILED = (Outcome.BECOMING, Outcome.LOAD)
"""Those that the kernel counts as failures."""


class Load(NamedTuple):
    """One request that ended. `at`: seconds since boot; `module` is None where it failed before
    its name was known. `length`: bytes of the module's image, None where no event told it;
    `packed`: bytes of its file, if the kernel unpacked that. `call`: INIT or FINIT, None where no
    event told it."""

    at: float
    pid: int
    comm: str
    module: str | None
    outcome: Outcome
    is_duplicate: bool
    length: int | None
    packed: int | None = None
    call: str | None = None

    @property
    def is_late(self) -> bool:
        """Whether it failed at load, after its place was allocated."""
        return self.outcome is Outcome.LOAD

    @property
    def wasted(self) -> int | None:
        """Bytes, as mod_stat_bump_becoming() and mod_stat_bump_invalid() add them."""
        if self.outcome not in FAILED:
            return 0
        if self.length is None:
            return None
        return self.length * (2 if self.is_late else 1) + (self.packed or 0)


class _Request:
    """A request under way, by the generic probes."""

    __slots__ = ("length", "module", "packed", "stage")

    def __init__(self, length: int | None, packed: int | None) -> None:
        self.length, self.packed = length, packed
        self.module: str | None = None
        self.stage = Outcome.BECOMING


class Loads:
    """Follows a trace. `counts`: it has probes of the functions that count; `steps`: it has those
    of load_module(); a trace of both is read by those that count.

    `has_init`: it has the probe of init functions, without which nobody can tell one that refused
    from a failure at load. `unknown`: loads of which not enough was told to count them;
    `vague`: those that failed at load or were refused by an init function; `doubtful`: how many of
    these may be no duplicates, as an init function can return the same errors.
    """

    def __init__(self, has_init: bool = False) -> None:
        self.counts = self.steps = False
        self.has_init = has_init
        self.unknown = self.vague = self.doubtful = 0
        self._waiting: dict[int, Load] = {}
        self._requests: dict[int, _Request] = {}
        self._read: dict[int, int] = {}
        self._has_begin = False

    def forget(self) -> None:
        """What was under way, where another trace begins."""
        self._waiting.clear()
        self._requests.clear()
        self._read.clear()

    def waiting(self) -> Iterator[Load]:
        """Duplicates of which the bytes are not told yet."""
        return iter(self._waiting.values())

    def follow(self, line: Line) -> Iterator[Load]:
        """The loads that this event ends."""
        event = line.event
        if event == "dup":
            yield from self._duplicate(line)
        elif event in ("becoming", "invalid"):
            yield from self._counted(line)
        elif event in ("ld", "find", "init", "fload") or event in LAYOUT or event in READ:
            yield from self._step(line)

    # ---- probes of the functions that count -------------------------------

    def _duplicate(self, line: Line) -> Iterator[Load]:
        self.counts = True
        reason, module = line.number("reason"), line.fields.get("name")
        if reason not in (0, 1, None) or not module or module == "(fault)":
            self.unknown += 1  # the arguments are not what they were taken for
            return
        if line.pid in self._waiting:
            yield self._waiting.pop(line.pid)
        comm = _comm(line)
        outcome = Outcome.LOAD if reason == 1 else Outcome.BECOMING
        if len(self._waiting) < _MOST_PIDS:
            self._waiting[line.pid] = Load(line.at, line.pid, comm, module, outcome, True, None)

    def _counted(self, line: Line) -> Iterator[Load]:
        self.counts = True
        outcome = Outcome.BECOMING if line.event == "becoming" else Outcome.LOAD
        name = line.fields.get("name")
        module = None if name in (None, "(fault)", "(null)", "") else name
        length, packed = _size(line.number("len")), None
        if (line.number("flags") or 0) & _COMPRESSED:
            packed = _size(line.number("clen"))
        duplicate = self._waiting.pop(line.pid, None)
        if duplicate is not None and duplicate.outcome is outcome:
            yield duplicate._replace(length=length, packed=packed)
            return
        if duplicate is not None:
            yield duplicate
        comm = _comm(line)
        yield Load(line.at, line.pid, comm, module, outcome, False, length, packed)

    # ---- probes of the steps of a load ------------------------------------

    def _step(self, line: Line) -> Iterator[Load]:
        pid, event = line.pid, line.event
        if event in READ:
            length = _size(line.number("ret"))
            if length is not None and len(self._read) < _MOST_PIDS:
                self._read[pid] = length
            return
        if event == "ld":
            self._has_begin = self.steps = True
            packed = self._read.pop(pid, None)
            if not (line.number("flags") or 0) & _COMPRESSED:
                packed = None
            self._begin(pid, _size(line.number("len")), packed)
        elif event == "find":
            self._found(line)
        elif event == "fload":
            self.steps = True
            yield from self._ended(line)
        elif (request := self._requests.get(pid)) is not None:
            if event == "init":
                self.has_init, request.stage = True, Outcome.REFUSED
            elif request.stage is Outcome.BECOMING:
                request.stage = Outcome.LOAD

    def _begin(self, pid: int, length: int | None, packed: int | None) -> _Request | None:
        if self._requests.pop(pid, None) is not None:
            self.unknown += 1  # the event of its end is missing
        if len(self._requests) >= _MOST_PIDS:
            return None
        self._requests[pid] = _Request(length, packed)
        return self._requests[pid]

    def _found(self, line: Line) -> None:
        """A name that was looked up; the last one of a request is its own."""
        request = self._requests.get(line.pid)
        if request is None and not self._has_begin:
            request = self._begin(line.pid, None, None)
        name = line.fields.get("name")
        if request is not None and name and name != "(fault)":
            request.module = name

    def _ended(self, line: Line) -> Iterator[Load]:
        request = self._requests.pop(line.pid, None)
        error = line.number("ret")
        if request is None or error is None:
            self.unknown += 1
            return
        length = request.length if request.length is not None else _size(line.number("len"))
        is_duplicate = error in (_EEXIST, _EBUSY) and request.module is not None
        outcome = Outcome.LIVE if error == 0 else request.stage
        if outcome is Outcome.REFUSED:
            is_duplicate = False
        if self.counts and outcome in FAILED:
            return  # the functions that count have told it
        if outcome is Outcome.LOAD and not self.has_init:
            self.vague += 1
            self.doubtful += is_duplicate
            if not is_duplicate:
                return
        comm = _comm(line)
        yield Load(line.at, line.pid, comm, request.module, outcome, is_duplicate, length,
                   request.packed, _CALLS.get(line.place))  # fmt: skip


def _comm(line: Line) -> str:
    """The command of whoever hit the probe; empty where it is not told."""
    comm = line.fields.get("comm") or line.comm
    return "" if comm in _NOBODY else comm


def _size(value: int | None) -> int | None:
    return value if value is not None and 0 < value < _MOST_BYTES else None
