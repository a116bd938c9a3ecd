"""What holds of every simulation, whatever is asked for, by whom, on what machine."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scenarios import simulate

from kmodtop_core.simulation.eras import ERAS
from kmodtop_core.simulation.machines import Machine
from kmodtop_core.simulation.scenarios import ASKERS, FAULTS, Module, Requests, Scenario
from kmodtop_core.simulation.simulator import Simulation
from kmodtop_core.simulation.tasks import ABSENT, LIVE


def scenario_of(chance):
    """Modules with faults and dependencies, askers of all kinds, odd machines."""
    modules = []
    for number in range(chance.randint(1, 8)):
        needs = chance.sample(modules, min(len(modules), chance.randint(0, 2)))
        length = chance.randint(1, 5_000_000)
        modules.append(
            Module(
                f"m{number}",
                length,
                chance.randint(4096, 3_000_000),
                4096,
                chance.choice((0, 0, length // 4 + 1)),
                chance.choice((1.0, 50.0, 9000.0)),
                chance.choice((0.0, 5.0)),
                tuple(module.name for module in needs),
                chance.choice(("",) * 8 + FAULTS),
            )
        )
    machine = Machine(
        cores=chance.choice((0, 1, 2, 8)),
        memory_mib=chance.choice((512, 8192, 100_000)),
        module_area_mib=chance.choice((0, 1, 8, 1536)),
        grace_ms=chance.choice((0.0, 12.0)),
    )
    cpus = chance.choice((1, 2, 8, 32))
    asks = tuple(requests_of(chance, modules) for _ in range(chance.randint(1, 4)))
    return Scenario("x", "x", chance.choice(tuple(ERAS)), cpus, machine, tuple(modules), asks)


def requests_of(chance, modules):
    wanted = chance.sample(modules, chance.randint(1, len(modules)))
    return Requests(
        chance.choice(ASKERS),
        tuple(module.name for module in wanted),
        tasks=chance.choice((0, 1, 5, 70)),
        at_ms=chance.choice((0.0, 3.0, 4000.0)),
        spread_us=chance.choice((0.0, 20.0)),
        workers=chance.choice((0, 0, 2)),
        check=chance.random() < 0.7,
        unload=chance.random() < 0.4,
        rounds=chance.choice((1, 1, 3)),
        via=chance.choice(("finit_module", "init_module")),
        each=chance.random() < 0.3,
        fold=chance.random() < 0.5,
    )


@settings(max_examples=90, deadline=None)
@given(st.integers(0, 1 << 32))
def test_everybody_ends_and_everything_is_given_back(number):
    scenario = scenario_of(Random(number))
    end = simulate(scenario, seed=number % 100)
    kernel, files = end.kernel, end._files.values()
    assert end.tasks_done == end.tasks
    assert {file.state for file in files} <= {ABSENT, LIVE}
    live = sum(file.module.size for file in files if file.state == LIVE)
    assert kernel.in_flight == kernel.placed == live
    assert all(file.folded is None for file in files)
    assert not end.path._list._waiting
    cores, cpus = end._userspace._cores, scenario.cpus
    assert cores._idle == min(scenario.machine.cores or cpus, cpus) and not cores._queue
    assert end._userspace._udevd.running == end._userspace.autoload.running == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 32))
def test_the_table_and_the_counters_tell_the_same(number):
    scenario = scenario_of(Random(number))
    end = simulate(scenario, seed=number % 100)
    stats = end.kernel.stats
    rows = sum(row.times for row in stats.duplicates)
    assert rows == sum(end.blamed.values()) <= stats.failed_becoming + stats.failed_load_modules
    assert end.loaded == stats.modcount and end.requests == sum(end.asked_by.values())
    assert simulate(scenario, seed=number % 100).kernel.text() == end.kernel.text()


@pytest.mark.parametrize("era", ERAS)
def test_in_parts_it_comes_to_the_same_end(era):
    scenario = replace(scenario_of(Random(7)), era=era)
    whole, parts = simulate(scenario), Simulation(scenario)
    while parts.some(3):
        parts.step(parts.now + 1000)
    assert parts.kernel.text() == whole.kernel.text()
