"""N CPUs racing through the kernel's path of loading a module.

    scenario ─► Simulation: a clock, the cores, the kernel (load_path), who asks (userspace)

Same scenario, era, CPUs and seed give the same events on every machine (clock).
"""

from .clock import Clock, Cpus
from .load_path import LoadPath
from .scenarios import Requests, Scenario
from .tasks import Plan, Task, files_of, plan_of
from .userspace import Userspace, udev_workers


class Simulation:
    """One boot. `run` goes to its end, `step` to a moment; `kernel` holds the statistics."""

    def __init__(
        self, scenario: Scenario, era: str | None = None, cpus: int | None = None, seed: int = 1
    ) -> None:
        self.scenario, self.seed = scenario, seed
        self.era = era or scenario.era
        self.cpus = cpus or scenario.cpus
        machine = scenario.machine
        self._clock = Clock(seed, machine.jitter)
        cores = min(machine.cores or self.cpus, self.cpus)
        # A machine with more CPUs than the scenario's has more memory in proportion.
        memory = machine.memory_mib * self.cpus // scenario.cpus
        processors = Cpus(self._clock, cores)
        self.path = LoadPath(self._clock, processors, machine, self.era, self.cpus)
        self.kernel = self.path.tracker
        self._userspace = Userspace(
            self._clock, processors, self.path, machine, udev_workers(memory, self.cpus)
        )
        self._files = files_of(scenario.modules)
        self.tasks = 0
        for requests in scenario.requests:
            self._enlist(requests)

    def _enlist(self, requests: Requests) -> None:
        """Lets the tasks of an asker come, one every `spread_us`."""
        workers = self._userspace.workers_for(requests, self.cpus)
        plans = self._plans(requests)
        at = int(requests.at_ms * 1_000_000)
        for number in range(requests.tasks or self.cpus):
            task = Task(requests, plans[number % len(plans)], workers, self._userspace.come)
            self._clock.at(at, self._userspace.come, task)
            self.tasks += 1
            if requests.spread_us:
                at += self._clock.about(requests.spread_us * 1000)

    def _plans(self, requests: Requests) -> list[Plan]:
        if requests.each:
            return [plan_of((name,), self._files) for name in requests.modules]
        return [plan_of(requests.modules, self._files)]

    # ---- running -----------------------------------------------------------

    def run(self) -> None:
        """To the end."""
        self._clock.run()

    def step(self, until: int) -> bool:
        """Everything up to a moment (nanoseconds); False when nothing is left to happen."""
        return self._clock.until(until)

    def some(self, events: int) -> bool:
        """So many events; False when nothing is left to happen."""
        return self._clock.some(events)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to happen."""
        return self._clock.is_over

    @property
    def now(self) -> int:
        """Nanoseconds since the boot began."""
        return self._clock.now

    @property
    def events(self) -> int:
        """Events that have happened or are still to come, as far as they are known."""
        return self._clock.planned

    # ---- what came of it -----------------------------------------------------

    @property
    def requests(self) -> int:
        """System calls that asked for a module."""
        return self._userspace.calls

    @property
    def asked_by(self) -> dict[str, int]:
        """System calls by who made them."""
        return dict(self._userspace.asked_by)

    @property
    def loaded(self) -> int:
        """Loads that succeeded."""
        return self.path.loaded

    @property
    def exhausted(self) -> int:
        """Loads for which the area for modules had no room."""
        return self.path.exhausted

    @property
    def folded(self) -> int:
        """Calls that got the result of another one (6.5)."""
        return self.path.folded

    @property
    def folded_autoloads(self) -> int:
        """Requests of the kernel that got the result of another one."""
        return self._userspace.autoload.folded

    @property
    def blamed(self) -> dict[tuple[str, str], int]:
        """Duplicates by who asked, and module."""
        return dict(self.path.blamed)

    @property
    def tasks_done(self) -> int:
        """Tasks that are through."""
        return self._userspace.done
