"""The kernel's list of modules: who may enter a name, and who waits for one to become free.

All is guarded by module_mutex, and all who wait sleep on one queue (kernel/module/main.c:
module_mutex, module_wq). Who is woken looks the name up once more, and sleeps again if it
is another load that has ended.
"""

from collections.abc import Callable

from .clock import Clock, Cpus, Handler, Serial
from .machines import Machine
from .tasks import ABSENT, COMING, Task


class ModuleList:
    """`refuse` is called with each task whose name is taken, once its wait is over."""

    def __init__(
        self, clock: Clock, cores: Cpus, machine: Machine, refuse: Callable[[Task], None]
    ) -> None:
        self._clock, self._cores, self._refuse = clock, cores, refuse
        self._mutex = Serial(clock)
        self._lookup = int(machine.mutex_us * 1000)
        self._wake, self._wake_spread = machine.wake_us * 1000, int(machine.wake_spread_us * 1000)
        self._grace = int(machine.grace_ms * 1e6)
        self._waiting: list[Task] = []

    def lock(self, task: Task, then: Handler, more: int = 0) -> None:
        """Takes module_mutex, for a lookup and so much more (nanoseconds); goes on with `then`."""
        self._cores.wait(self._mutex.take(self._lookup + more), then, task)

    def is_taken(self, task: Task) -> bool:
        """module_patient_check_exists(), under module_mutex: who finds a load under way sleeps.

        A module that is going is refused at once, as one that is live.
        """
        state = task.file.state
        if state == COMING:
            self._waiting.append(task)
        elif state != ABSENT:
            self._refuse(task)
        return state != ABSENT

    def wake_all(self) -> int:
        """wake_up_all(&module_wq): all who wait for any module, one after the other.

        Returns when the waker is through with it.
        """
        at, waiting = self._clock.now, self._waiting
        self._waiting = []
        about, chance, plan = self._clock.about, self._clock.chance, self._clock.at
        for task in waiting:
            at += about(self._wake)
            plan(at + int(self._wake_spread * chance()), self._awake, task)
        return at

    def _awake(self, task: Task) -> None:
        self._cores.run(0, self._look_again, task)

    def _look_again(self, task: Task) -> None:
        self.lock(task, self._has_ended)

    def _has_ended(self, task: Task) -> None:
        """finished_loading(): sleeps again if it is another load that has ended; else the name is
        looked up a second time, under module_mutex."""
        if task.file.state == COMING:
            self._waiting.append(task)
        else:
            self.lock(task, self._refuse)

    def unlink(self, task: Task, then: Handler, wakes: bool = True) -> None:
        """Off the list, then a grace period of RCU, all under module_mutex.

        `wakes`: whether all are woken before the grace period (load_module, label unlink_mod);
        free_module() leaves that to its callers.
        """
        free = self._mutex.take(self._lookup + self._grace)
        self._clock.at(free - self._grace, self._unlinked if wakes else self._off, task)
        self._clock.at(free, then, task)

    def _unlinked(self, task: Task) -> None:
        self._off(task)
        self.wake_all()

    def _off(self, task: Task) -> None:
        task.file.state = ABSENT
