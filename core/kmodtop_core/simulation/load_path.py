"""The kernel's path of loading a module, step by step, driving KernelTracker.

    finit_module ─► [folded with a load of the same file] ─► read (vmalloc, disk, copy) ─► [unpack]
    ─► [signature] ─► [early check] ─► allocate ─► late check ─► relocate ─► init ─► live

Who finds a name taken sleeps until that load has ended, is woken, takes module_mutex
again, and is refused. Races come out of that and of the times it takes: each lock
is taken by an event at its own time (clock.Serial). Source, where a step names no
other: kernel/module/main.c.
"""

from collections import Counter
from collections.abc import Callable

from ..stats.values import FailReason
from .bookkeeping import KernelTracker
from .clock import Clock, Cpus, Handler, Serial
from .machines import Machine, Nanoseconds
from .module_list import ModuleList
from .tasks import COMING, GOING, LIVE, File, Outcome, Task

_AREAS = 6
"""Areas of a module's final place, text, data and so on, of its own and of its init part: each
is allocated by itself (module_memory_alloc(), enum mod_mem_type, of which one is mostly empty)."""

_PROTECTIONS = 6
"""Changes of protection of a module that is loaded, text and rodata of its own and of its init
part: each flushes the address translations (kernel/module/strict_rwx.c, set_memory_*())."""

STEADY = 0.1
"""Part of the jitter by which unpacking strays: it is work of one CPU on buffers of its own, which
waits for nobody."""

_CODES = {"empty": -22, "busy": -26}
"""EINVAL of a file without bytes, ETXTBSY of one that is open for writing (fs/kernel_read_file.c);
up to 6.4 the code is added to the bytes that were lost."""

_REFUSED_EARLY = ("signature", "vermagic", "elf", "blacklist")


class LoadPath:
    """One kernel. Whoever calls it goes on with `task.back` when the system call has returned.

    `blamed`: duplicates by (who asked, module).
    """

    def __init__(self, clock: Clock, cores: Cpus, machine: Machine, era: str, cpus: int) -> None:
        self.tracker = KernelTracker(area=machine.module_area_mib << 20 or None)
        self.loaded = self.folded = self.exhausted = 0
        self.blamed: Counter[tuple[str, str]] = Counter()
        self._clock, self._cores = clock, cores
        self._checks_early, self._folds = era != "stats-only", era == "idempotent"
        self._vmap, self._purge, self._disk = Serial(clock), Serial(clock), Serial(clock)
        self._list = ModuleList(clock, cores, machine, self._duplicate)
        self._copying = 0
        self._cpus = cpus
        self._times = Nanoseconds(machine, cpus)

    # ---- reading -----------------------------------------------------------

    def load(self, task: Task) -> None:
        """finit_module() or init_module(), for the task's file.

        From 6.5 on concurrent calls of finit_module() on one inode are folded into one, and all
        get its result (idempotent_init_module).
        """
        if self._folds and not task.by_init:
            if task.file.folded is not None:
                self.folded += 1
                task.file.folded.append(task)
                return
            task.file.folded = []
            task.leads = True
        self._cores.wait(self._vmap.take(self._times.vmap), self._read, task)

    def _read(self, task: Task) -> None:
        """kernel_read_file(), or copy_module_from_user(): a buffer of the file's length, out of the
        whole vmalloc area, not of that for modules: only unreadable files fail here."""
        file = task.file
        code = _CODES.get(file.module.fault)
        if code is not None and not task.by_init:
            self.tracker.failed_kread(0 if self._folds else code)
            self._leave(task, Outcome.FAILED)
            return
        self._take(task, self._length(task))
        self._cores.wait(self.cached(file), self._copy_in, task)

    def cached(self, file: File) -> int:
        """When the file is in memory; the first who wants it reads it from disk."""
        if file.cached_at is None:
            took = self._clock.about(self._times.latency + file.read_len * self._times.disk)
            file.cached_at = self._disk.take(took)
        return max(self._clock.now, file.cached_at)

    def _copy_in(self, task: Task) -> None:
        self._copying += 1
        at_once = min(self._copying, self._cores.number)
        rate = max(self._times.copy, self._times.total_copy * at_once)
        self._compute(task, self._length(task) * rate, self._was_read)

    def _was_read(self, task: Task) -> None:
        self._copying -= 1
        if task.packed is None:
            self._check_form(task)
        else:
            self._cores.wait(self._vmap.take(self._times.vmap), self._unpack_it, task)

    def _unpack_it(self, task: Task) -> None:
        """module_decompress(): to its end both buffers are there (kernel/module/decompress.c)."""
        module = task.file.module
        if module.fault == "compression":
            self.tracker.failed_decompress(module.compressed_len)
            self._refuse(task, Outcome.FAILED)
            return
        self._take(task, module.len)
        took = self._clock.about(module.len * self._times.unpack, STEADY)
        self._cores.run(took, self._unpacked, task)

    def _unpacked(self, task: Task) -> None:
        self._give(task, task.file.module.compressed_len)
        self._check_form(task)

    def _check_form(self, task: Task) -> None:
        """module_sig_check(), elf_validity_check(): before any name is looked up."""
        if task.file.module.fault in _REFUSED_EARLY:
            self.tracker.failed_becoming(task.file.module.len, task.packed)
            self._refuse(task, Outcome.FAILED)
        elif self._checks_early:
            task.reason = FailReason.BECOMING
            self._list.lock(task, self._check_early)
        else:
            self._make_room(task)

    # ---- is the name taken? ------------------------------------------------

    def _check_early(self, task: Task) -> None:
        """early_mod_check() (6.4): before anything is allocated for it."""
        if not self._list.is_taken(task):
            self._make_room(task)

    def _duplicate(self, task: Task) -> None:
        """A row of the table, even if the load that was waited for has failed: EEXIST or EBUSY."""
        module = task.file.module
        self.tracker.duplicate(module.name, task.reason)
        self.blamed[task.requests.by, module.name] += 1
        if task.reason is FailReason.BECOMING:
            self.tracker.failed_becoming(module.len, task.packed)
        else:
            self.tracker.failed_load(module.len, task.packed)
        self._refuse(task, Outcome.EXISTS if task.file.state == LIVE else Outcome.FAILED)

    # ---- becoming a module ---------------------------------------------------

    def _make_room(self, task: Task) -> None:
        self._cores.wait(self._vmap.take(self._times.vmap * _AREAS), self._allocate, task)

    def _allocate(self, task: Task) -> None:
        """layout_and_allocate(): its final place, out of the area for modules."""
        module = task.file.module
        if not self.tracker.place(module.size):
            self.exhausted += 1
            self.tracker.failed_becoming(module.len, task.packed)
            self._refuse(task, Outcome.FAILED)
            return
        task.placed = module.size
        self._compute(task, self._times.layout + module.size * self._times.copy, self._laid_out)

    def _laid_out(self, task: Task) -> None:
        self._list.lock(task, self._add)

    def _add(self, task: Task) -> None:
        """add_unformed_module(): is the name taken by now? Else it is ours."""
        task.reason = FailReason.LOAD
        if self._list.is_taken(task):
            return
        task.file.state = COMING
        self._compute(task, task.file.module.size * self._times.reloc, self._relocated)

    def _relocated(self, task: Task) -> None:
        """Symbols and relocations, then complete_formation(): protection under module_mutex."""
        if task.file.module.fault == "symbols":
            self._list.unlink(task, self._unresolved)
        else:
            self._list.lock(task, self._formed, more=_PROTECTIONS * self._times.flush)

    def _unresolved(self, task: Task) -> None:
        self.tracker.failed_load(task.file.module.len, task.packed)
        self._refuse(task, Outcome.FAILED)

    def _formed(self, task: Task) -> None:
        """free_copy(), then do_init_module()."""
        module = task.file.module
        self._give(task, module.len)
        took = module.init_us + module.init_cpu_us * self._cpus
        self._compute(task, took * self._times.init, self._ran)

    def _ran(self, task: Task) -> None:
        """The init function has returned: live before anybody is woken."""
        file = task.file
        if file.module.fault == "init":
            file.state = GOING
            self._clock.at(self._clock.now + self._times.grace, self._failed_init, task)
            return
        file.state = LIVE
        self._list.lock(task, self._live, more=self._times.flush)

    def _live(self, task: Task) -> None:
        self.loaded += 1
        self.tracker.loaded(task.file.module.size, task.file.module.text)
        task.placed = 0  # it stays
        task.own.append(task.file)
        task.outcome = Outcome.FINE
        self._cores.wait(self._list.wake_all(), self._return, task)

    # ---- leaving -------------------------------------------------------------

    def _refuse(self, task: Task, outcome: Outcome) -> None:
        """Its final place is given back: a flush of all CPUs' address translations, one after the
        other (mm/vmalloc.c, vm_reset_perms, vmap_purge_lock); its buffers are freed lazily."""
        if not task.placed:
            self._leave(task, outcome)
            return
        task.outcome = outcome
        self._give_place(task, self._displaced)

    def _give_place(self, task: Task, then: Handler) -> None:
        self._cores.wait(self._purge.take(self._clock.about(self._times.flush)), then, task)

    def _displaced(self, task: Task) -> None:
        self.tracker.displace(task.placed)
        task.placed = 0
        self._leave(task, task.outcome)

    def _leave(self, task: Task, outcome: Outcome) -> None:
        self.tracker.free(task.held)
        task.held = 0
        task.outcome = outcome
        self._cores.wait(self._vmap.take(self._times.vmap), self._return, task)

    def _return(self, task: Task) -> None:
        """Back to userspace, together with all that were folded into this call."""
        if task.leads:
            task.leads = False
            folded, task.file.folded = task.file.folded or [], None
            for one in folded:
                one.outcome = task.outcome
                if task.outcome is Outcome.FINE:
                    one.own.append(task.file)
                one.back(one)
        task.back(task)

    # ---- unloading -------------------------------------------------------------

    def unload(self, task: Task) -> None:
        """delete_module(), which counts nowhere; refuses what is in use (EBUSY, EWOULDBLOCK)."""
        self._list.lock(task, self._stop)

    def _stop(self, task: Task) -> None:
        file = task.file
        if file.state != LIVE or file.is_used:
            self._return(task)
            return
        file.state = GOING
        task.outcome = Outcome.FINE
        self._compute(task, file.module.init_us * self._times.init, self._free_module)

    def _failed_init(self, task: Task) -> None:
        task.outcome = Outcome.FAILED
        self._free_module(task)

    def _free_module(self, task: Task) -> None:
        """free_module(): UNFORMED, in which who asks sleeps, until it is off the list."""
        task.file.state = COMING
        self._list.unlink(task, self._freed, wakes=False)

    def _freed(self, task: Task) -> None:
        task.placed = task.file.module.size
        self._give_place(task, self._woken)

    def _woken(self, task: Task) -> None:
        self._list.wake_all()
        self._displaced(task)

    # ---- memory and time -------------------------------------------------------

    def _length(self, task: Task) -> int:
        """Bytes of the buffer: what init_module() is given has been unpacked."""
        return task.file.module.len if task.by_init else task.file.read_len

    def _compute(self, task: Task, nanoseconds: float, then: Callable[[Task], None]) -> None:
        self._cores.run(self._clock.about(nanoseconds), then, task)

    def _take(self, task: Task, size: int) -> None:
        self.tracker.allocate(size)
        task.held += size

    def _give(self, task: Task, size: int) -> None:
        """Gives a part of what the task holds back."""
        self.tracker.free(size)
        task.held -= size
