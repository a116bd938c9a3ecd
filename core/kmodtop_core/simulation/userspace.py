"""Who asks: udev's workers, modprobe for the kernel, services, stress-ng; all through libkmod.

    uevent, request_module() ─► a worker, when one is free ─► for each module of the plan:
    is it live? ─► open its file ─► the kernel (load_path) ─► the next one

Workers are the machine's, not a request's: udevd has one pool for all uevents, the
kernel 50 slots for all that it asks for.
"""

from collections import Counter, deque
from collections.abc import Callable

from .clock import Clock, Cpus
from .load_path import STEADY, LoadPath
from .machines import Machine
from .scenarios import Requests
from .tasks import LIVE, Outcome, Task

_MOST_WORKERS = 2048
"""Of udevd, whatever CPUs and memory would allow (systemd, udev-manager.c, WORKER_NUM_MAX)."""

_WORKER_MIB = 128
"""Memory that udevd counts for a worker; ten it always has."""

_IDLE_NS = 3_000_000_000
"""An idle worker of udevd ends after so long (systemd, manager_kill_workers)."""

_SLOTS = 50
"""Requests of the kernel that are served at a time (kernel/module/kmod.c, MAX_KMOD_CONCURRENT)."""

_SLOT_WAIT_NS = 5_000_000_000
"""A request fails that got no slot for so long (kmod.c, MAX_KMOD_ALL_BUSY_TIMEOUT)."""

_REMEMBERED_NS = 60_000_000_000
"""A request of the kernel is remembered for so long after it was served, and others for the same
name get its result at once (kernel/module/dups.c)."""


class Workers:
    """So many tasks at a time; who comes later waits for its turn. `begin` is called with each task
    that has a worker. `running` and `queue` are those that have one, and those that wait."""

    def __init__(self, clock: Clock, most: int, begin: Callable[[Task], None]) -> None:
        self.most, self.running = most, 0
        self.queue: deque[Task] = deque()
        self._clock, self._begin = clock, begin

    def come(self, task: Task) -> None:
        """A task that wants a worker."""
        self.queue.append(task)
        self._serve()

    def gone(self, task: Task) -> None:
        """The task is through; its worker takes the next one that waits."""
        self.running -= 1
        self._serve()

    def _serve(self) -> None:
        while self.queue and self.running < self.most:
            self.running += self._start(self.queue.popleft())

    def _start(self, task: Task) -> bool:
        """Whether the task keeps a worker."""
        self._begin(task)
        return True


class Udevd(Workers):
    """udevd: one thread that forks a worker for each uevent, or hands it to an idle one."""

    def __init__(
        self, clock: Clock, cores: Cpus, machine: Machine, most: int, begin: Callable[[Task], None]
    ) -> None:
        super().__init__(clock, most, begin)
        self._cores = cores
        self._fork, self._hand = machine.fork_us * 1000, machine.hand_us * 1000
        self._idle: deque[int] = deque()
        self._to_start: deque[Task] = deque()

    def gone(self, task: Task) -> None:
        """The worker is idle, or takes the next uevent."""
        self._idle.append(self._clock.now)
        super().gone(task)

    def _start(self, task: Task) -> bool:
        self._to_start.append(task)
        if len(self._to_start) == 1:
            self._start_next()
        return True

    def _start_next(self) -> None:
        while self._idle and self._idle[0] < self._clock.now - _IDLE_NS:
            self._idle.popleft()
        took = self._fork
        if self._idle:
            self._idle.pop()
            took = self._hand
        self._cores.run(self._clock.about(took), self._started, self._to_start[0])

    def _started(self, task: Task) -> None:
        self._to_start.popleft()
        if self._to_start:
            self._start_next()
        self._begin(task)


class Autoload(Workers):
    """request_module(): 50 slots; duplicates are folded (CONFIG_MODULE_DEBUG_AUTOLOAD_DUPS).

    A duplicate keeps its slot while it waits for the first. `folded` counts them, `expired` those
    that got no slot in time.
    """

    def __init__(self, clock: Clock, begin: Callable[[Task], None], end: Callable[[Task], None]):
        super().__init__(clock, _SLOTS, begin)
        self.folded = self.expired = 0
        self._end = end
        self._asked: dict[tuple[str, ...], list[Task]] = {}
        self._served_at: dict[tuple[str, ...], int] = {}

    def come(self, task: Task) -> None:
        """A request, which waits for a slot for five seconds at most."""
        task.since = self._clock.now
        super().come(task)

    def gone(self, task: Task) -> None:
        """modprobe has ended: the request is served, and all that waited for the same."""
        self.running -= 1
        if task.requests.fold:
            waited = self._asked.pop(task.requests.modules, [])
            self._served_at[task.requests.modules] = self._clock.now
            self.running -= len(waited)
            for one in waited:
                self._end(one)
        self._serve()

    def _start(self, task: Task) -> bool:
        """Begins the first request for a name; a duplicate waits for it, or has its result."""
        name = task.requests.modules
        if self._clock.now - task.since >= _SLOT_WAIT_NS:
            self.expired += 1
        elif not task.requests.fold:
            self._begin(task)
            return True
        elif name in self._asked:
            self.folded += 1
            self._asked[name].append(task)
            return True
        elif not self._is_remembered(name):
            self._asked[name] = []
            self._begin(task)
            return True
        else:
            self.folded += 1
        self._end(task)
        return False

    def _is_remembered(self, name: tuple[str, ...]) -> bool:
        served = self._served_at.get(name)
        return served is not None and self._clock.now - served < _REMEMBERED_NS


class Userspace:
    """All who ask on one machine. `asked_by` counts the system calls of each."""

    def __init__(
        self, clock: Clock, cores: Cpus, kernel: LoadPath, machine: Machine, memory_workers: int
    ) -> None:
        self.calls = self.done = 0
        self.asked_by: Counter[str] = Counter()
        self.autoload = Autoload(clock, self._spawn, self._ended)
        self._clock, self._cores, self._kernel = clock, cores, kernel
        self._check, self._open = int(machine.check_us * 1000), int(machine.open_us * 1000)
        self._spawning = machine.spawn_us * 1000
        self._unpacking = 1000 / machine.decompress_mb_s
        self._rules = machine.rules_us * 1000
        self._machine = machine
        self._udevd = self._daemon(memory_workers)

    def _daemon(self, most: int) -> Udevd:
        return Udevd(self._clock, self._cores, self._machine, most, self._follow_rules)

    def workers_for(self, requests: Requests, cpus: int) -> Workers:
        """The pool that serves them; a service and a stressor have processes of their own."""
        if requests.by == "udev" and requests.workers:
            return self._daemon(requests.workers)
        if requests.by == "udev":
            return self._udevd
        if requests.by == "autoload":
            return self.autoload
        return Workers(self._clock, requests.workers or max(requests.tasks, cpus), self._begin)

    def come(self, task: Task) -> None:
        """A uevent, a request of the kernel, a process that begins."""
        task.workers.come(task)

    # ---- a worker --------------------------------------------------------------

    def _spawn(self, task: Task) -> None:
        """call_modprobe(): a process for each request of the kernel."""
        self._run(self._spawning, self._begin, task)

    def _follow_rules(self, task: Task) -> None:
        """udev's rules end in "kmod load" (50-udev-default.rules, 80-drivers.rules)."""
        self._run(self._rules, self._begin, task)

    def _begin(self, task: Task) -> None:
        if task.requests.check:
            self._run(self._check, self._look, task)
        else:
            self._ask(task)

    def _look(self, task: Task) -> None:
        """libkmod passes over modules that are live (kmod_module_get_initstate)."""
        plan, place = task.plan, task.at
        while place < len(plan) and plan[place][0].state == LIVE:
            place += 1
        passed, task.at = place - task.at, place
        if passed:
            # What was live mostly stays so: all of them are passed over in one go.
            self._run(self._check * passed, self._look, task)
        else:
            self._ask(task)

    def _ask(self, task: Task) -> None:
        """Opens the next file; init_module() is for a userspace that unpacks by itself."""
        if task.at == len(task.plan):
            self._unload(task)
            return
        task.file = task.plan[task.at][0]
        self._run(self._open, self._read if task.by_init else self._call, task)

    def _read(self, task: Task) -> None:
        """Reads and unpacks the file, where it is not the kernel that does."""
        self._cores.wait(self._kernel.cached(task.file), self._unpack, task)

    def _unpack(self, task: Task) -> None:
        module = task.file.module
        if module.fault == "empty" or (module.fault == "compression" and module.compressed_len):
            task.outcome = Outcome.FAILED  # of which the kernel never hears
            self._returned(task)
            return
        packed = module.len * self._unpacking if module.compressed_len else 0.0
        self._cores.run(self._clock.about(packed, STEADY), self._call, task)

    def _call(self, task: Task) -> None:
        self.calls += 1
        self.asked_by[task.requests.by] += 1
        task.back = self._returned
        self._kernel.load(task)

    def _returned(self, task: Task) -> None:
        """EEXIST is as good as loaded; any other error gives up what needs the module."""
        task.at = task.plan[task.at][1] if task.outcome is Outcome.FAILED else task.at + 1
        self._begin(task)

    # ---- the end of a round ----------------------------------------------------

    def _unload(self, task: Task) -> None:
        """delete_module() of what the task has loaded itself, and of nothing else.

        As stress-ng does (stress-module.c): only after a finit_module() that has succeeded.
        """
        if task.requests.unload and task.own:
            task.file = task.own.pop()
            task.back = self._unload
            self._kernel.unload(task)
            return
        task.round += 1
        if task.round < task.requests.rounds:
            task.at = 0
            self._begin(task)
            return
        self._ended(task)
        task.workers.gone(task)

    def _ended(self, task: Task) -> None:
        self.done += 1

    def _run(self, nanoseconds: float, then: Callable[[Task], None], task: Task) -> None:
        self._cores.run(self._clock.about(nanoseconds), then, task)


def udev_workers(memory_mib: int, cpus: int) -> int:
    """Uevents that udevd serves at a time, by CPUs and memory (systemd, udev-manager.c)."""
    by_memory = max(memory_mib // _WORKER_MIB, 10)
    return max(1, min(2 * cpus + 16, by_memory, _MOST_WORKERS))
