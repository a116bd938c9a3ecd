"""A simulated boot as a source."""

from support.samples import sample
from support.scenarios import simulate

from kmodtop_core.simulation.scenario_files import load
from kmodtop_core.simulation.simulator import Simulation
from kmodtop_core.sources.simulated import Simulated, played


class Impatient:
    """A stop that never waits, and stops after so many looks."""

    def __init__(self, looks):
        self.looks = looks

    def is_set(self):
        self.looks -= 1
        return self.looks < 0

    def wait(self, timeout=None):
        return False


def test_a_simulated_boot_is_played_to_its_end_and_begun_anew():
    source = Simulated(load("guest-8"), None, None, 1)
    items = []
    for item in source.items(Impatient(300)):
        items.append(item)
        if source.is_over and source.era == "early-check":
            source.next_era()
    assert source.era == "idempotent" and len(source.runs) == 3
    boots = {item.host.boot_id for item in items if hasattr(item, "host")}
    assert boots == {"sim-1", "sim-2"}
    end = simulate("guest-8", "early-check").kernel.text()
    assert end in {item.text for item in items if hasattr(item, "text")}


def test_a_small_boot_takes_some_seconds_to_be_watched():
    for name, least, most in (("quiet", 5, 8), ("laptop-8", 5, 8), ("big-255", 35, 45)):
        ticks = sum(1 for _ in played(Simulation(load(name)), 1.0))
        assert least <= ticks * 0.2 <= most, name


def test_speeds_go_up_and_down_and_stay_within_their_range():
    source = Simulated(load("quiet"), None, None, 1)
    source.change_speed(1)
    assert source.speed == 2
    for _ in range(20):
        source.change_speed(-1)
    assert source.speed == 0.1


def test_played_texts_end_with_the_end_of_the_simulation():
    simulation = Simulation(load("guest-8"))
    *_, (_, text) = played(simulation, 50)
    assert text == simulate("guest-8").kernel.text()
    assert sample(0, text)


def test_what_the_reader_wants_is_taken_between_two_ticks():
    source = Simulated(load("guest-8"), None, None, 1)
    items = source.items(Impatient(300))
    gap, first = next(items), next(items)
    assert gap.why.code == "simulating" and first.at.uptime == 0
    source.paused = True
    assert source.paused and [next(items).at.uptime for _ in range(3)] == [0, 0, 0]
    source.paused = False
    assert next(items).at.uptime > 0
    source.next_era()
    assert source.era == "idempotent" and not source.runs
    host = next(item.host for item in items if hasattr(item, "host") and item.at.uptime == 0)
    assert (host.name, host.boot_id) == ("simulated, idempotent", "sim-2")


def test_the_end_of_an_earlier_boot_is_not_that_of_the_one_that_is_wanted():
    source = Simulated(load("guest-8"), None, None, 1, speed=50)
    for _ in source.items(Impatient(300)):
        pass
    assert source.is_over and len(source.runs) == 3
    source.restart()
    assert not source.is_over and source.runs == []
