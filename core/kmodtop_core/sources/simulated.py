"""A simulated boot as a source: what a stats file would show, in slow motion.

Storms last milliseconds, so time is stretched: the same number of events passes
in each tick, and samples are stamped with the time as it is shown.
"""

from collections.abc import Iterator
from queue import SimpleQueue
from typing import NamedTuple

from ..errors import Trouble
from ..sample import Gap, Host, Instant, Item, Sample, Told
from ..simulation.compare import Run, run_of
from ..simulation.eras import ERAS, next_era
from ..simulation.scenarios import Published, Scenario
from ..simulation.simulator import Simulation
from ..speed import next_speed
from .base import Means, Stop, now
from .turns import Rest, Step, alone

TICK_S = 0.2
"""Real seconds between samples."""

_FASTEST = 50.0
"""Beyond that a run is over in a tick."""

_SHOW_S = (6.0, 40.0)
"""Seconds that a run takes at speed 1, at least and at most."""

_EVENTS_A_SECOND = 150

_COOL_S = 12.0
"""Seconds after which nothing that grew is hot any more."""


class Wanted(NamedTuple):
    """What the reader wants to see. `boot` counts how often it was begun, from 1."""

    era: str
    speed: float
    paused: bool = False
    boot: int = 1


class Simulated:
    """Plays a scenario. Era, speed and pauses may be changed while it plays, by another thread.

    What is wanted is handed over by a queue: the thread that plays never reads what another one
    writes. `asked_by` and the numbers of folded requests are of the last boot that has ended.
    """

    means = Means.SIMULATED

    def __init__(
        self, scenario: Scenario, era: str | None, cpus: int | None, seed: int, speed: float = 1.0
    ) -> None:
        self.label = f"sim:{scenario.name}"
        self.scenario = scenario
        self.cpus, self.seed = cpus or scenario.cpus, seed
        self._wanted = self._playing = Wanted(era or scenario.era, speed)
        self._orders: SimpleQueue[Wanted] = SimpleQueue()
        self._begun = 0
        self._ended: tuple[int, list[Run]] = (0, [])
        self.asked_by: dict[str, int] = {}
        self.folded = self.folded_autoloads = 0

    def pieces(self) -> dict[str, bytes]:
        """Evidence: who asks for what, as the scenario says."""
        import json

        return {"simulated.json": json.dumps(self.scenario.askers()).encode()}

    # ---- for the reader --------------------------------------------------

    @property
    def era(self) -> str:
        """The one that is wanted."""
        return self._wanted.era

    @property
    def real(self) -> Published | None:
        """What was published of a real machine with as many CPUs, under the era that is wanted."""
        return self.scenario.shown(self._wanted.era, self.cpus)

    @property
    def speed(self) -> float:
        """The one that is wanted; 1 takes some pleasant seconds."""
        return self._wanted.speed

    @property
    def paused(self) -> bool:
        """Whether nothing is to pass."""
        return self._wanted.paused

    @paused.setter
    def paused(self, pauses: bool) -> None:
        self._want(self._wanted._replace(paused=pauses))

    @property
    def runs(self) -> list[Run]:
        """The wanted boot under every era, once it is over."""
        boot, runs = self._ended
        return runs if boot == self._wanted.boot else []

    @property
    def is_over(self) -> bool:
        """Whether the boot has been played to its end, and what it is compared with is known."""
        return bool(self.runs)

    def restart(self) -> None:
        """Restarts the boot."""
        self._want(self._wanted._replace(boot=self._wanted.boot + 1))

    def next_era(self) -> None:
        """The same boot under the next era."""
        wanted = self._wanted
        self._want(wanted._replace(era=next_era(wanted.era), boot=wanted.boot + 1))

    def change_speed(self, by: int) -> None:
        """To the next speed up or down."""
        speed = min(_FASTEST, next_speed(self._wanted.speed, by))
        self._want(self._wanted._replace(speed=speed))

    def _want(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._orders.put(wanted)

    # ---- for the thread that plays ---------------------------------------

    def items(self, stop: Stop) -> Iterator[Told]:
        """Samples of one boot after the other, each begun by `restart`."""
        return alone(self.steps(), stop)

    def steps(self) -> Iterator[Step]:
        """The same, with the rests between."""
        while True:
            if not self._is_current():
                self._begun = self._playing.boot
                yield from self._boot()
            yield Rest(TICK_S)

    def _is_current(self) -> bool:
        """Whether the boot that was begun is the one that is wanted; takes the orders."""
        while not self._orders.empty():
            self._playing = self._orders.get()
        return self._playing.boot == self._begun

    def _boot(self) -> Iterator[Step]:
        why = Trouble("simulating", "the run is being prepared", subject=self.label)
        yield Gap(Instant(0.0, now().wall), why)
        era = self._playing.era
        pace = _Stretch(self._simulation(era))
        simulation, shown = self._simulation(era), 0.0
        yield self._sample(simulation, shown)
        while not simulation.is_over and self._is_current():
            yield Rest(TICK_S)
            if not self._playing.paused:
                simulation.some(pace.events(self._playing.speed))
                shown += TICK_S
            yield self._sample(simulation, shown)
        if simulation.is_over:
            yield from self._end(simulation, shown)

    def _end(self, simulation: Simulation, shown: float) -> Iterator[Item]:
        self.asked_by, self.folded = dict(simulation.asked_by), simulation.folded
        self.folded_autoloads = simulation.folded_autoloads
        runs = []
        for era in ERAS:
            other = self._simulation(era)
            other.run()
            runs.append(run_of(other))
        self._ended = self._begun, runs
        yield self._sample(simulation, shown + TICK_S)
        yield self._sample(simulation, shown + _COOL_S)  # nothing grows any more

    def _simulation(self, era: str) -> Simulation:
        return Simulation(self.scenario, era, self.cpus, self.seed)

    def _sample(self, simulation: Simulation, shown: float) -> Sample:
        name, boot = f"simulated, {simulation.era}", f"sim-{self._begun}"
        host = Host(name, cpus=self.cpus, boot_id=boot)
        return Sample(Instant(shown, now().wall), simulation.kernel.text(), host)


class _Stretch:
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
    pace = _Stretch(Simulation(scenario, simulation.era, simulation.cpus, simulation.seed))
    yield 0.0, simulation.kernel.text()
    while not simulation.is_over:
        simulation.some(pace.events(speed))
        yield simulation.now / 1e9, simulation.kernel.text()
