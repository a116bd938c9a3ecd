"""N CPUs racing through the kernel's path of loading a module, driving KernelTracker.

Discrete events in whole nanoseconds. Every request walks the real path:

    userspace looks if the module is there ─► its dependencies first ─► finit_module
    ─► [folded with a load of the same file] ─► read (vmalloc, disk, copy) ─► [unpack]
    ─► [early check] ─► allocate ─► late check ─► relocate ─► init ─► live

Who finds a name taken waits for that load to end, is woken, takes module_mutex
again, and is refused. Races come out of that and of the times it takes: the
mutex, the lock of the vmalloc area, the disk and the CPUs serve one after the
other. Source: kernel/module/main.c (load_module, module_patient_check_exists,
idempotent_init_module), kernel/module/kmod.c (request_module), libkmod.

Same scenario, era, CPUs and seed give the same events on every machine: times
are integers, and chance is drawn by random.Random.random() alone, whose
sequence Python promises to keep.
"""

import random
from collections import deque
from collections.abc import Callable
from enum import Enum
from heapq import heappop, heappush, heapreplace

from ..stats.values import FailReason
from .bookkeeping import KernelTracker
from .scenarios import Module, Requests, Scenario

ABSENT, FORMING, LIVE = range(3)

_AUTOLOAD_WORKERS = 50
"""Requests of the kernel that run modprobe at a time (kmod.c, MAX_KMOD_CONCURRENT)."""

_SPAWN_NS = 1_500_000
"""Starting modprobe takes the kernel about so long."""


class Outcome(Enum):
    """Of a request, as libkmod sees it: "exists" is as good as loaded, others give the rest up."""

    FINE = 0
    EXISTS = 1
    FAILED = 2


class File:
    """A module's file and its place in the kernel."""

    __slots__ = ("cached_at", "folded", "module", "read_len", "state", "waiters")

    def __init__(self, module: Module) -> None:
        self.module = module
        self.state = ABSENT
        self.read_len = module.compressed_len or module.len
        self.cached_at: int | None = None
        self.waiters: list[tuple[Task, FailReason]] = []
        self.folded: list[Task] | None = None


class Task:
    """A worker that asks for the modules of its plan, one after the other."""

    __slots__ = ("at", "file", "group", "held", "plan", "round")

    def __init__(self, group: "Group", plan: "Plan") -> None:
        self.group, self.plan = group, plan
        self.at = 0
        self.round = 0
        self.held = 0
        self.file = plan[0][0]


Plan = tuple[tuple[File, int], ...]
"""Files in the order in which they are asked for, each with the place to go on at if it fails."""


class Group:
    """The tasks of one asker."""

    def __init__(self, requests: Requests, workers: int) -> None:
        self.requests = requests
        self.workers = workers
        self.running = 0
        self.queue: deque[Task] = deque()
        self.asking: dict[str, list[Task]] = {}
        self.via_init = requests.via == "init_module"


Handler = Callable[["Task", int], None]


class Simulation:
    """One boot. `run` goes to its end, `step` to a moment; `kernel` holds the statistics."""

    def __init__(
        self, scenario: Scenario, era: str | None = None, cpus: int | None = None, seed: int = 1
    ) -> None:
        self.scenario, self.seed = scenario, seed
        self.era = era or scenario.era
        self.cpus = cpus or scenario.cpus
        limit = scenario.machine.vmalloc_limit_mib << 20
        self.kernel = KernelTracker(limit=limit or None)
        self.now = 0
        self.requests = self.loaded = self.exhausted = 0
        self.folded = self.folded_autoloads = 0
        self.asked_by: dict[str, int] = {}
        self.tasks = self.tasks_done = 0
        self._random = random.Random(seed).random  # noqa: S311 - a simulation, not a secret
        self._events: list[tuple[int, int, Handler, Task]] = []
        self._order = 0
        self._files = {module.name: File(module) for module in scenario.modules}
        self._users: dict[str, list[File]] = {name: [] for name in self._files}
        for user in self._files.values():
            for name in user.module.depends:
                self._users[name].append(user)
        self._mutex_free = self._vmap_free = self._disk_free = 0
        self._cpu_free = [0] * self.cpus
        self._copying = 0
        self._set_times()
        for requests in scenario.requests:
            self._enlist(requests)

    def _set_times(self) -> None:
        """All times in nanoseconds, all rates in nanoseconds a byte."""
        m = self.scenario.machine
        self._check, self._open = int(m.check_us * 1000), int(m.open_us * 1000)
        self._mutex, self._wake = int(m.mutex_us * 1000), int(m.wake_us * 1000)
        self._wake_spread = int(m.wake_spread_us * 1000)
        self._layout = int(m.layout_us * 1000)
        self._vmap, self._latency = int(m.vmap_us * 1000), int(m.disk_latency_us * 1000)
        self._copy, self._total_copy = 1000 / m.copy_mb_s, 1000 / m.total_copy_mb_s
        self._disk, self._unpack = 1000 / m.disk_mb_s, 1000 / m.decompress_mb_s
        self._reloc, self._jitter = 1000 / m.reloc_mb_s, m.jitter

    # ---- running -----------------------------------------------------------

    def run(self) -> None:
        """To the end."""
        while self._events:
            self._next()

    def step(self, until: int) -> bool:
        """Everything up to a moment (nanoseconds); False when nothing is left to happen."""
        while self._events and self._events[0][0] <= until:
            self._next()
        self.now = max(self.now, until)
        return bool(self._events)

    def some(self, events: int) -> bool:
        """So many events; False when nothing is left to happen."""
        for _ in range(events):
            if not self._events:
                return False
            self._next()
        return bool(self._events)

    @property
    def events(self) -> int:
        """Events that have happened or are still to come, as far as they are known."""
        return self._order

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to happen."""
        return not self._events

    def _next(self) -> None:
        self.now, _, handler, task = heappop(self._events)
        handler(task, self.now)

    def _push(self, at: int, handler: Handler, task: Task) -> None:
        self._order += 1
        heappush(self._events, (at, self._order, handler, task))

    def _about(self, nanoseconds: float) -> int:
        """A time that strays by the machine's jitter."""
        return int(nanoseconds * (1 + self._jitter * (2 * self._random() - 1)))

    # ---- what serves one after the other -----------------------------------

    def _lock_mutex(self, at: int) -> int:
        """When module_mutex, asked for at `at`, has been held and is given back."""
        self._mutex_free = max(at, self._mutex_free) + self._mutex
        return self._mutex_free

    def _lock_vmap(self, at: int) -> int:
        """The same for the lock of the vmalloc area."""
        self._vmap_free = max(at, self._vmap_free) + self._vmap
        return self._vmap_free

    def _compute(self, at: int, nanoseconds: int) -> int:
        """When work of that length, begun on the first free CPU, is done."""
        begin = max(at, self._cpu_free[0])
        heapreplace(self._cpu_free, begin + nanoseconds)
        return begin + nanoseconds

    # ---- userspace -----------------------------------------------------------

    def _enlist(self, requests: Requests) -> None:
        """Lets the tasks of an asker come, one every `spread_us`."""
        group = Group(requests, self._workers_of(requests))
        plans = self._plans(requests)
        at = int(requests.at_ms * 1_000_000)
        for number in range(requests.tasks or self.cpus):
            task = Task(group, plans[number % len(plans)])
            self._push(at, self._arrive, task)
            self.tasks += 1
            at += self._about(requests.spread_us * 1000)

    def _workers_of(self, requests: Requests) -> int:
        """Tasks at a time: for udev what it allows itself by CPUs and memory (udevd.c)."""
        if requests.workers:
            return requests.workers
        if requests.by == "autoload":
            return _AUTOLOAD_WORKERS
        if requests.by == "udev":
            # A machine with more CPUs than the scenario's has more memory in proportion.
            memory = self.scenario.machine.memory_mib * self.cpus // self.scenario.cpus
            by_memory = max(memory // 128, 10)
            return max(1, min(2 * self.cpus + 16, by_memory))
        return max(requests.tasks, 1) if requests.by == "stress" else max(1, self.cpus)

    def _plans(self, requests: Requests) -> list[Plan]:
        if requests.each:
            return [self._plan((name,)) for name in requests.modules]
        return [self._plan(requests.modules)]

    def _plan(self, wanted: tuple[str, ...]) -> Plan:
        """Dependencies first, each file once; after a failure comes the next wanted module."""
        plan: list[tuple[File, int]] = []
        seen: set[str] = set()

        def add(name: str) -> list[File]:
            if name in seen:
                return []
            seen.add(name)
            before = [f for other in self._files[name].module.depends for f in add(other)]
            return [*before, self._files[name]]

        for name in wanted:
            files = add(name)
            plan += [(file, len(plan) + len(files)) for file in files]
        return tuple(plan)

    def _arrive(self, task: Task, at: int) -> None:
        group = task.group
        if group.requests.by == "autoload" and group.requests.fold:
            same = group.asking.setdefault(task.plan[-1][0].module.name, [])
            same.append(task)
            if len(same) > 1:
                self.folded_autoloads += 1
                return
        if group.running >= group.workers:
            group.queue.append(task)
            return
        group.running += 1
        self._begin(task, at)

    def _begin(self, task: Task, at: int) -> None:
        spawn = self._about(_SPAWN_NS) if task.group.requests.by == "autoload" else 0
        self._push(at + spawn + self._about(self._check), self._look, task)

    def _look(self, task: Task, at: int) -> None:
        """Userspace looks whether the next modules are live, and passes over those that are."""
        plan, place, check = task.plan, task.at, task.group.requests.check
        passed = 0
        while place < len(plan) and check and plan[place][0].state == LIVE:
            place += 1
            passed += 1
        task.at = place
        if passed:
            # What was live stays so: all of them are passed over in one go.
            self._push(at + self._about(self._check * passed), self._look, task)
        elif place == len(plan) and task.group.requests.unload:
            self._push(self._lock_mutex(at), self._unload, task)
        elif place == len(plan):
            self._done(task, at)
        else:
            task.file = plan[place][0]
            self._push(at + self._about(self._open), self._call, task)

    def _done(self, task: Task, at: int) -> None:
        """The task is through; its worker takes the next one that waits."""
        task.round += 1
        group = task.group
        if task.round < group.requests.rounds:
            task.at = 0
            self._push(at + self._about(self._check), self._look, task)
            return
        waited = group.asking.pop(task.plan[-1][0].module.name, [task])
        self.tasks_done += len(waited)
        group.running -= 1
        if group.queue and group.running < group.workers:
            group.running += 1
            self._begin(group.queue.popleft(), at)

    # ---- the kernel ------------------------------------------------------------

    def _call(self, task: Task, at: int) -> None:
        """finit_module or init_module: folding, then the first allocation."""
        file, group = task.file, task.group
        self.requests += 1
        by = group.requests.by
        self.asked_by[by] = self.asked_by.get(by, 0) + 1
        if self.era == "idempotent" and not group.via_init:
            if file.folded is not None:
                self.folded += 1
                file.folded.append(task)
                return
            file.folded = []
        self._push(self._lock_vmap(at), self._read, task)

    def _read(self, task: Task, at: int) -> None:
        """kernel_read_file(): a buffer of the file's length, then disk and copy."""
        file = task.file
        length = file.module.len if task.group.via_init else file.read_len
        if not self._take(task, length):
            # Only init_module knows the length that it could not copy.
            self.kernel.failed_kread(length if task.group.via_init else 0)
            self._refused(task, at, Outcome.FAILED)
            return
        if file.cached_at is None:
            took = self._about(self._latency + file.read_len * self._disk)
            file.cached_at = self._disk_free = max(at, self._disk_free) + took
        self._copying += 1
        rate = max(self._copy, self._total_copy * self._copying)
        begin = max(at, file.cached_at)
        self._push(self._compute(begin, self._about(length * rate)), self._was_read, task)

    def _was_read(self, task: Task, at: int) -> None:
        self._copying -= 1
        module = task.file.module
        if module.compressed_len and not task.group.via_init:
            if module.fault == "compression" or not self._take(task, module.len):
                self.kernel.failed_decompress(module.compressed_len)
                self._refused(task, at, Outcome.FAILED)
                return
            at = self._compute(self._lock_vmap(at), self._about(module.len * self._unpack))
            self._give(task, module.compressed_len)
        if module.fault in ("signature", "vermagic", "elf", "blacklist"):
            self.kernel.failed_becoming(module.len, self._packed(task))
            self._refused(task, at, Outcome.FAILED)
        elif self.era == "stats-only":
            self._push(self._lock_vmap(at), self._allocate, task)
        else:
            self._push(self._lock_mutex(at), self._early_check, task)

    def _early_check(self, task: Task, at: int) -> None:
        """Is the name taken, before anything is allocated for it (6.4 and later)?"""
        if not self._taken(task, at, FailReason.BECOMING):
            self._push(self._lock_vmap(at), self._allocate, task)

    def _allocate(self, task: Task, at: int) -> None:
        """layout_and_allocate(): the module's final place."""
        module = task.file.module
        if not self._take(task, module.size):
            self.kernel.failed_becoming(module.len, self._packed(task))
            self._refused(task, at, Outcome.FAILED)
            return
        done = self._compute(at, self._about(self._layout + module.size * self._copy))
        self._push(self._lock_mutex(done), self._add, task)

    def _add(self, task: Task, at: int) -> None:
        """add_unformed_module(): is the name taken by now? Else it is ours."""
        if self._taken(task, at, FailReason.LOAD):
            return
        file = task.file
        file.state = FORMING
        took = self._about(file.module.size * self._reloc)
        self._push(self._compute(at, took), self._init, task)

    def _init(self, task: Task, at: int) -> None:
        """Symbols are resolved, then the module's own init function runs."""
        file = task.file
        if file.module.fault == "symbols":
            file.state = ABSENT
            self.kernel.failed_load(file.module.len, self._packed(task))
            self._refused(task, self._wake_waiters(file, at), Outcome.FAILED)
            return
        self._give(task, file.module.len)  # free_copy(), before do_init_module()
        took = self._about(file.module.init_us * 1000)
        self._push(self._compute(at, took), self._live, task)

    def _live(self, task: Task, at: int) -> None:
        """The init function has returned."""
        file = task.file
        failed = file.module.fault == "init"
        file.state = ABSENT if failed else LIVE
        if failed:
            self._refused(task, self._wake_waiters(file, at), Outcome.FAILED)
            return
        self.loaded += 1
        self.kernel.loaded(file.module.size, file.module.text)
        task.held = 0  # the module's place stays
        self._return(task, self._lock_vmap(self._wake_waiters(file, at)), Outcome.FINE)

    def _taken(self, task: Task, at: int, reason: FailReason) -> bool:
        """Whether the name is taken: then the task is refused, or waits for that load to end."""
        file = task.file
        if file.state == LIVE:
            self._duplicate(task, at, reason, Outcome.EXISTS)
        elif file.state == FORMING:
            file.waiters.append((task, reason))
        return file.state != ABSENT

    def _wake_waiters(self, file: File, at: int) -> int:
        """Everybody who waits is woken, one after the other, and takes the mutex again.

        Returns when the waker is through with it.
        """
        waiters, file.waiters = file.waiters, []
        for task, reason in waiters:
            at += self._about(self._wake)
            again = self._lock_mutex(at + int(self._wake_spread * self._random()))
            woken = self._woken_early if reason is FailReason.BECOMING else self._woken_late
            self._push(again, woken, task)
        return at

    def _woken_early(self, task: Task, at: int) -> None:
        self._woken(task, at, FailReason.BECOMING)

    def _woken_late(self, task: Task, at: int) -> None:
        self._woken(task, at, FailReason.LOAD)

    def _woken(self, task: Task, at: int, reason: FailReason) -> None:
        self._duplicate(
            task, at, reason, Outcome.EXISTS if task.file.state == LIVE else Outcome.FAILED
        )

    def _duplicate(self, task: Task, at: int, reason: FailReason, outcome: Outcome) -> None:
        module = task.file.module
        self.kernel.duplicate(module.name, reason)
        count = (
            self.kernel.failed_becoming
            if reason is FailReason.BECOMING
            else self.kernel.failed_load
        )
        count(module.len, self._packed(task))
        self._refused(task, at, outcome)

    def _refused(self, task: Task, at: int, outcome: Outcome) -> None:
        """What was allocated is given back, and the call returns."""
        self.kernel.free(task.held)
        task.held = 0
        self._return(task, self._lock_vmap(at), outcome)

    def _return(self, task: Task, at: int, outcome: Outcome) -> None:
        """Back to userspace, together with all that were folded into this call."""
        file = task.file
        tasks = [task]
        if file.folded is not None and self.era == "idempotent" and not task.group.via_init:
            tasks += file.folded
            file.folded = None
        for one in tasks:
            if outcome is Outcome.FAILED:
                one.at = one.plan[one.at][1]
            else:
                one.at += 1
            self._push(at + self._about(self._check), self._look, one)

    def _unload(self, task: Task, at: int) -> None:
        """delete_module() of what was wanted, if nothing uses it: counts nowhere."""
        for name in reversed(task.group.requests.modules):
            file = self._files[name]
            used = any(user.state != ABSENT for user in self._users[name])
            if file.state == LIVE and not used:
                file.state = ABSENT
                self.kernel.free(file.module.size)
        self._done(task, at)

    def _take(self, task: Task, size: int) -> bool:
        if not self.kernel.allocate(size):
            self.exhausted += 1
            return False
        task.held += size
        return True

    def _give(self, task: Task, size: int) -> None:
        """Gives a part of what the task holds back."""
        self.kernel.free(size)
        task.held -= size

    def _packed(self, task: Task) -> int | None:
        length = task.file.module.compressed_len
        return length if length and not task.group.via_init else None
