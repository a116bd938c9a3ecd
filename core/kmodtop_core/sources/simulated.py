"""A simulated boot as a source: what a stats file would show, in slow motion.

Storms last milliseconds, so time is stretched: the same number of events passes
in each tick, and samples are stamped with the time as it is shown.
"""

from collections.abc import Iterator

from ..errors import Trouble
from ..sample import Gap, Host, Instant, Item, Sample
from ..simulation.compare import Run, run_of
from ..simulation.eras import ERAS, next_era
from ..simulation.scenarios import Scenario
from ..simulation.simulator import Simulation
from ..speed import next_speed
from .base import Pace, Stop, now

TICK_S = 0.2
"""Real seconds between samples."""

_FASTEST = 50.0
"""Beyond that a run is over in a tick."""

_SHOW_S = (6.0, 40.0)
"""Seconds that a run takes at speed 1, at least and at most."""

_EVENTS_A_SECOND = 150

_COOL_S = 12.0
"""Seconds after which nothing that grew is hot any more."""


class Simulated:
    """Plays a scenario. Its era and speed may be changed while it plays, by another thread."""

    pace = Pace.SIMULATED

    def __init__(
        self, scenario: Scenario, era: str | None, cpus: int | None, seed: int, speed: float = 1.0
    ) -> None:
        self.label = f"sim:{scenario.name}"
        self.scenario = scenario
        self.era, self.cpus, self.seed = era or scenario.era, cpus or scenario.cpus, seed
        self.speed = speed
        self.paused = False
        self.runs: list[Run] = []
        self.asked_by: dict[str, int] = {}
        self.folded = self.folded_autoloads = 0
        self._boots = 0
        self._restarting = True

    def items(self, stop: Stop) -> Iterator[Item]:
        """Samples of one boot after the other, each begun by `restart`."""
        while not stop.is_set():
            if self._restarting:
                self._restarting = False
                self.runs = []
                yield from self._boot(stop)
            stop.wait(TICK_S)

    @property
    def is_over(self) -> bool:
        """Whether the boot has been played to its end, and what it is compared with is known."""
        return bool(self.runs) and not self._restarting

    def restart(self) -> None:
        """Restarts the boot."""
        self._restarting = True

    def next_era(self) -> None:
        """The same boot under the next era."""
        self.era = next_era(self.era)
        self.restart()

    def change_speed(self, by: int) -> None:
        """To the next speed up or down."""
        self.speed = min(_FASTEST, next_speed(self.speed, by))

    def _boot(self, stop: Stop) -> Iterator[Item]:
        self._boots += 1
        why = Trouble("simulating", "the run is being prepared", subject=self.label)
        yield Gap(Instant(0.0, now().wall), why)
        pace = _Pace(self._simulation())
        simulation, shown = self._simulation(), 0.0
        yield self._sample(simulation, shown)
        while not simulation.is_over and not self._restarting and not stop.wait(TICK_S):
            if not self.paused:
                simulation.some(pace.events(self.speed))
                shown += TICK_S
            yield self._sample(simulation, shown)
        if simulation.is_over:
            yield from self._end(simulation, shown)

    def _end(self, simulation: Simulation, shown: float) -> Iterator[Item]:
        self.asked_by, self.folded = dict(simulation.asked_by), simulation.folded
        self.folded_autoloads = simulation.folded_autoloads
        runs = []
        for era in ERAS:
            other = Simulation(self.scenario, era, self.cpus, self.seed)
            other.run()
            runs.append(run_of(other))
        self.runs = runs
        yield self._sample(simulation, shown + TICK_S)
        yield self._sample(simulation, shown + _COOL_S)  # nothing grows any more

    def _simulation(self) -> Simulation:
        return Simulation(self.scenario, self.era, self.cpus, self.seed)

    def _sample(self, simulation: Simulation, shown: float) -> Sample:
        name, boot = f"simulated, {self.era}", f"sim-{self._boots}"
        host = Host(name, cpus=self.cpus, boot_id=boot)
        return Sample(Instant(shown, now().wall), simulation.kernel.text(), host)


class _Pace:
    """How many events pass in a tick, so that a run takes a pleasant time at speed 1."""

    def __init__(self, whole: Simulation) -> None:
        whole.run()
        self._total = whole.events
        self._seconds = max(_SHOW_S[0], min(_SHOW_S[1], self._total / _EVENTS_A_SECOND))
        self._left = 0.0

    def events(self, speed: float) -> int:
        """Whole events for the next tick; what is left over counts for the one after."""
        self._left += self._total * TICK_S * speed / self._seconds
        whole = int(self._left)
        self._left -= whole
        return whole


def played(simulation: Simulation, speed: float) -> Iterator[tuple[float, bytes]]:
    """(simulated seconds, text) tick by tick, to the end of the simulation."""
    scenario = simulation.scenario
    pace = _Pace(Simulation(scenario, simulation.era, simulation.cpus, simulation.seed))
    yield 0.0, simulation.kernel.text()
    while not simulation.is_over:
        simulation.some(pace.events(speed))
        yield simulation.now / 1e9, simulation.kernel.text()
