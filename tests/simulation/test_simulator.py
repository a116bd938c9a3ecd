"""The simulator: races come out of the path, and chance is kept."""

import json
import os
import subprocess
import sys

import pytest
from support.samples import ROOT, SAMPLES
from support.scenarios import NEEDED, simulate, toml

from kmodtop_core.simulation.eras import ERAS
from kmodtop_core.simulation.scenario_files import load
from kmodtop_core.stats.parse import parse as parse_text

# ---- the path ----------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(NEEDED))
@pytest.mark.parametrize("era", ERAS)
def test_every_scenario_comes_to_an_end_and_adds_up(name, era):
    simulation = simulate(name, era, cpus=min(load(name).cpus, 64))
    stats = simulation.kernel.stats
    assert simulation.tasks_done == simulation.tasks
    assert simulation.requests >= simulation.loaded == stats.modcount
    assert simulation.kernel.in_flight == sum(
        file.module.size for file in simulation._files.values() if file.state == 2
    )
    (block,) = parse_text(simulation.kernel.text())
    assert block.stats.failures == stats.failures
    assert sum(simulation.asked_by.values()) == simulation.requests


def test_one_cpu_asks_once_and_fails_never():
    for era in ERAS:
        assert simulate(toml(), era, cpus=1).kernel.stats.failures == 0
    assert simulate("quiet").kernel.stats.failures == 0


def test_dependencies_are_loaded_first():
    modules = 'name = "a"\nlen = 9\ndepends = ["b"]', 'name = "b"\nlen = 9'
    requests = 'by = "udev"\ntasks = 1\nmodules = ["a"]'
    simulation = simulate(toml(*modules, requests=requests))
    assert simulation.loaded == 2 and simulation.kernel.stats.failures == 0


@pytest.mark.parametrize(
    ("fault", "counters"),
    [
        ("signature", {"failed_becoming": 1, "invalid_becoming_bytes": 1000}),
        ("symbols", {"failed_load_modules": 1, "invalid_mod_bytes": 2000}),
        ("init", {}),
        ("compression", {"failed_decompress": 1, "invalid_decompress_bytes": 400}),
    ],
)
def test_what_is_wrong_with_a_module_counts_where_the_kernel_counts_it(fault, counters):
    packed = "\ncompressed_len = 400" if fault == "compression" else ""
    module = f'name = "a"\nlen = 1000\nfault = "{fault}"{packed}'
    end = simulate(toml(module, requests='by = "udev"\ntasks = 1\nmodules = ["a"]')).kernel.stats
    assert {name: value for name, value in end.counters() if value} == counters
    assert end.duplicates == ()


def test_packed_modules_waste_their_packed_length_too():
    module = 'name = "a"\nlen = 1000\ncompressed_len = 400'
    end = simulate(toml(module, requests='by = "udev"\nmodules = ["a"]')).kernel.stats
    assert end.failed_becoming > 0
    assert end.invalid_becoming_bytes == end.failed_becoming * 1400


def test_init_module_is_never_folded():
    requests = 'by = "udev"\nspread_us = 0.0\nmodules = ["a"]\nvia = "{}"'
    module = 'name = "a"\nlen = 1000000\ninit_us = 5000.0'
    folded = simulate(toml(module, requests=requests.format("finit_module")), "idempotent")
    never = simulate(toml(module, requests=requests.format("init_module")), "idempotent")
    assert folded.kernel.stats.failures == 0 and folded.folded == 7
    assert never.kernel.stats.failures == 7 and never.folded == 0


def test_the_kernels_own_duplicate_requests_are_folded_or_not():
    requests = 'by = "autoload"\ntasks = 8\nspread_us = 1.0\nmodules = ["a"]\nfold = {}'
    folded = simulate(toml(requests=requests.format("true")))
    assert (folded.requests, folded.folded, folded.folded_autoloads) == (1, 0, 7)
    assert simulate(toml(requests=requests.format("false"))).requests > 1


def test_what_is_used_is_not_unloaded():
    modules = 'name = "a"\nlen = 9\ndepends = ["b"]', 'name = "b"\nlen = 9'
    requests = 'by = "stress"\ntasks = 1\nmodules = ["b", "a"]\nunload = true\nrounds = 3'
    simulation = simulate(toml(*modules, requests=requests))
    assert simulation.loaded == 6 and simulation.kernel.in_flight == 0


def test_copies_are_given_back_as_soon_as_the_kernel_does():
    module = 'name = "a"\nlen = 1000000\ncompressed_len = 900000\nsize = 100000'
    simulation = simulate(toml(module, requests='by = "udev"\ntasks = 1\nmodules = ["a"]'))
    assert (simulation.kernel.peak, simulation.kernel.in_flight) == (1_900_000, 100_000)


def test_loads_fail_when_the_area_for_modules_is_used_up():
    simulation = simulate("vmalloc-exhaustion")
    stats = simulation.kernel.stats
    assert simulation.exhausted > 0 and stats.failed_kreads == 0
    assert simulation.kernel.placed <= 128 << 20
    rows = sum(row.times for row in stats.duplicates)
    assert stats.failures - rows == simulation.exhausted


def test_a_later_era_never_wastes_more_bytes():
    for name in ("big-255", "guest-8", "stress-ng"):
        wasted = [simulate(name, era, 8).kernel.wasted() for era in ERAS]
        assert wasted[0] >= wasted[1] >= wasted[2]


def test_same_seed_same_bytes_whatever_the_hash_seed():
    code = (
        "from kmodtop_core.simulation.scenario_files import load\n"
        "from kmodtop_core.simulation.simulator import Simulation\n"
        "import sys; s = Simulation(load('autoload-mounts'), seed=7); s.run()\n"
        "sys.stdout.buffer.write(s.kernel.text() + str((s.now, s.requests)).encode())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONPATH": str(ROOT / "core"), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(printed) == 1
    assert simulate("guest-8", seed=1).kernel.text() != simulate("guest-8", seed=2).kernel.text()


def test_the_course_of_chance_is_the_one_that_was_committed():
    """A changed figure here is a changed model: look at the calibration again."""
    end = simulate("guest-8", seed=1)
    assert (end.kernel.stats.failures, end.requests, end.now) == tuple(
        json.loads((SAMPLES.parent / "tests/screens/guest-8-seed-1.json").read_text())
    )
