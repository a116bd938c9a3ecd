"""The kernel's path: what each mechanism does that the statistics show.

Each test names the place of the kernel that it is about.
"""

import pytest
from support.scenarios import simulate, toml

from kmodtop_core.simulation.simulator import Simulation
from kmodtop_core.simulation.tasks import ABSENT, GOING, LIVE
from kmodtop_core.stats.values import FailReason

BIG = 'name = "a"\nlen = 1000000\nsize = 100000\ninit_us = 5000.0'


def udev(tasks=8, modules='["a"]', **more):
    lines = [f'by = "udev"\ntasks = {tasks}\nmodules = {modules}']
    return "\n".join(lines + [f"{key} = {value}" for key, value in more.items()])


def machine(**constants):
    return "{" + ", ".join(f"{key} = {value}" for key, value in constants.items()) + "}"


def rows(simulation):
    return {row.module: (row.times, row.reason) for row in simulation.kernel.stats.duplicates}


# ---- module_patient_check_exists(), one wait queue ------------------------------


def test_before_6_4_every_loser_has_allocated_its_place():
    end = simulate(toml(BIG, requests=udev()), "stats-only").kernel.stats
    assert (end.failed_becoming, end.failed_load_modules) == (0, 7)
    assert end.invalid_mod_bytes == 7 * 2_000_000


def test_the_early_check_leaves_few_late_losers():
    end = simulate(toml(BIG, requests=udev()), "early-check").kernel.stats
    assert end.failed_becoming + end.failed_load_modules == 7
    assert end.failed_load_modules < 4


def test_who_waits_for_a_load_that_fails_gets_a_row_though_the_module_never_lives():
    module = BIG + '\nfault = "init"'
    simulation = simulate(toml(module, requests=udev(2)), "early-check")
    assert simulation.loaded == 0 and simulation.kernel.stats.modcount == 0
    assert rows(simulation)["a"][0] == 1  # the other one had waited for the first: EBUSY


def test_a_load_that_ends_wakes_those_who_wait_for_another_and_these_sleep_on():
    """module_wq is one queue: those woken for nothing take module_mutex, which costs time."""
    slow = 'name = "slow"\nlen = 1000\ninit_us = 9000000.0'
    quick = [f'name = "q{n}"\nlen = 1000\ninit_us = 1.0' for n in range(40)]
    names = ", ".join(f'"q{n}"' for n in range(40))
    one = udev(1, f"[{names}]", at_ms=1000.0)
    both = udev(20, '["slow"]') + "\n[[requests]]\n" + one

    def loaded_by(seconds, requests):
        constants = machine(mutex_us=500.0, memory_mib=99999)
        simulation = Simulation(toml(slow, *quick, requests=requests, machine=constants))
        simulation.step(int(seconds * 1e9))
        assert not rows(simulation).get("q1")
        return simulation.loaded

    assert loaded_by(1.2, one) == 40
    # Each of the 40 loads wakes 19 others, of which each takes the mutex for half a millisecond.
    assert loaded_by(1.2, both) < 25 and loaded_by(2.5, both) == 40


def test_who_is_woken_takes_the_mutex_twice():
    """finished_loading(), then the name is looked up again in module_patient_check_exists()."""
    constants = machine(mutex_us=5000.0, wake_spread_us=0.0)
    simulation = simulate(toml(BIG, requests=udev(8), machine=constants), "stats-only")
    # The load itself takes it three times, each loser once to wait and twice when it is woken.
    assert rows(simulation)["a"][0] == 7
    assert simulation.now > (3 + 7 * 3) * 5_000_000


def test_the_waker_goes_on_when_all_are_woken():
    modules = BIG, 'name = "b"\nlen = 1000\ninit_us = 1.0'
    both = udev(1, '["a", "b"]') + "\n[[requests]]\n" + udev(7, at_ms=1.0)
    simulation = Simulation(toml(*modules, requests=both, machine=machine(wake_us=50000.0)))
    simulation.step(150_000_000)
    assert simulation.loaded == 1
    simulation.run()
    assert simulation.loaded == 2


def test_live_comes_before_the_waking_so_that_others_pass_over_it():
    """While the loader still wakes its waiters, libkmod sees the module as live already."""
    wakes = machine(wake_us=50000.0)
    late = udev(8) + "\n[[requests]]\n" + udev(1, at_ms=60.0)
    simulation = simulate(toml(BIG, requests=late, machine=wakes), "early-check")
    assert simulation.requests == 8 and simulation.now > 300_000_000


# ---- GOING, and the grace period --------------------------------------------------


def test_a_module_that_is_going_refuses_at_once_with_a_row():
    """state GOING: neither live nor coming; EBUSY (module_patient_check_exists, 6.3 and later)."""
    module = BIG + '\nfault = "init"'
    late = udev(1) + "\n[[requests]]\n" + udev(1, at_ms=10.0)
    simulation = Simulation(toml(module, requests=late, machine=machine(grace_ms=50.0)))
    simulation.step(30_000_000)  # the grace period is not over
    assert rows(simulation)["a"] == (1, FailReason.BECOMING)
    assert simulation.tasks_done == 1


def test_module_mutex_is_held_through_the_grace_period_of_an_unlink():
    """label unlink_mod: synchronize_rcu() under module_mutex, so that all others stand still."""
    bad = 'name = "bad"\nlen = 1000\nfault = "symbols"'
    both = udev(1, '["bad"]') + "\n[[requests]]\n" + udev(1, '["a"]', at_ms=5.0)
    modules = bad, 'name = "a"\nlen = 1000\ninit_us = 1.0'
    simulation = Simulation(toml(*modules, requests=both, machine=machine(grace_ms=80.0)))
    simulation.step(60_000_000)
    assert simulation.loaded == 0
    simulation.step(100_000_000)
    assert simulation.loaded == 1 and simulation.kernel.stats.failed_load_modules == 1


# ---- the flush of a late failure ---------------------------------------------------


def test_late_losers_leave_one_after_the_other():
    """vm_reset_perms(): a flush of all CPUs' address translations for each, under one lock."""
    slow, fast = machine(flush_us=4000.0), machine(flush_us=1.0)
    module = 'name = "a"\nlen = 1000\ninit_us = 90000.0'
    late = simulate(toml(module, requests=udev(20), machine=slow), "stats-only")
    early = simulate(toml(module, requests=udev(20), machine=fast), "stats-only")
    assert late.kernel.stats.failed_load_modules == 19 == early.kernel.stats.failed_load_modules
    # 19 of the losers, 7 of the load itself.
    assert late.now - early.now > (19 + 7) * 4_000_000 * 0.9


def test_a_load_that_succeeds_flushes_for_each_change_of_protection():
    """strict_rwx.c: text and rodata, of the module and of its init part; once more when live."""
    slow = simulate(toml(BIG, requests=udev(1), machine=machine(flush_us=9000.0)))
    fast = simulate(toml(BIG, requests=udev(1), machine=machine(flush_us=1.0)))
    assert slow.now - fast.now > 6.9 * 9_000_000


def test_each_area_of_a_place_is_allocated_by_itself():
    """module_memory_alloc(), 6.4: the lock of the vmalloc area is taken once for each of six."""
    slow = simulate(toml(BIG, requests=udev(1), machine=machine(vmap_us=9000.0)))
    fast = simulate(toml(BIG, requests=udev(1), machine=machine(vmap_us=1.0)))
    assert slow.now - fast.now > 6.9 * 9_000_000


def test_a_flush_takes_longer_with_more_cpus():
    scenario = toml(BIG, requests=udev(4), machine=machine(flush_cpu_us=100.0))
    few, many = (simulate(scenario, "stats-only", cpus=cpus).now for cpus in (8, 80))
    assert many > few + 3 * 72 * 100_000 * 0.7


# ---- memory -------------------------------------------------------------------------


def test_both_buffers_are_there_until_unpacking_has_ended():
    module = 'name = "a"\nlen = 1000000\ncompressed_len = 900000\nsize = 100000'
    slow = machine(decompress_mb_s=10.0)
    simulation = Simulation(toml(module, requests=udev(1), machine=slow))
    simulation.step(50_000_000)  # unpacking takes 100 ms
    assert simulation.kernel.in_flight == 1_900_000
    simulation.run()
    assert (simulation.kernel.peak, simulation.kernel.in_flight) == (1_900_000, 100_000)


def test_the_area_for_modules_overflows_at_layout_and_read_buffers_do_not():
    """layout_and_allocate() gets no memory: a failure at becoming, and no duplicate."""
    module = 'name = "a"\nlen = 9000000\nsize = 600000\ninit_us = 5000.0'
    full = toml(module, requests=udev(8), machine=machine(module_area_mib=1))
    simulation = simulate(full, "stats-only")
    end = simulation.kernel.stats
    assert simulation.exhausted == end.failed_becoming > 0
    assert end.failed_kreads == 0 and simulation.kernel.placed <= 1 << 20
    assert sum(row.times for row in end.duplicates) == end.failed_load_modules


@pytest.mark.parametrize(
    ("fault", "code"), [("empty", -22), ("busy", -26)], ids=["EINVAL", "ETXTBSY"]
)
def test_6_4_adds_the_negative_error_code_to_the_bytes_of_kread(fault, code):
    module = f'name = "a"\nlen = 1000\nfault = "{fault}"'
    ends = [simulate(toml(module, requests=udev(2)), era).kernel.stats
            for era in ("early-check", "idempotent")]  # fmt: skip
    assert [end.failed_kreads for end in ends] == [2, 2]
    assert [end.invalid_kread_bytes for end in ends] == [2**64 + 2 * code, 0]


# ---- unloading ----------------------------------------------------------------------


STRESS = 'by = "stress"\ntasks = {}\nmodules = ["a"]\ncheck = false\nunload = {}'


def test_a_stressor_unloads_only_what_its_own_call_has_loaded():
    """stress-ng, stress-module.c: delete_module() after a finit_module() that has succeeded."""
    kept = (
        STRESS.format(1, "false") + "\n[[requests]]\n" + STRESS.format(4, "true") + "\nat_ms = 50"
    )
    simulation = simulate(toml(BIG, requests=kept), "early-check")
    assert simulation.loaded == 1 and simulation._files["a"].state == LIVE
    gone = simulate(toml(BIG, requests=STRESS.format(4, "true")), "early-check")
    assert gone.kernel.in_flight == 0 and gone.loaded == gone.requests - gone.kernel.stats.failures


def test_a_module_is_going_while_its_exit_function_runs():
    stress = (
        STRESS.format(1, "true") + "\n[[requests]]\n" + STRESS.format(1, "false") + "\nat_ms = 8"
    )
    simulation = Simulation(toml(BIG, requests=stress, machine=machine(jitter=0.0)))
    simulation.step(9_000_000)
    assert simulation._files["a"].state == GOING
    assert rows(simulation) == {"a": (1, FailReason.BECOMING)}


def test_what_another_module_uses_is_not_unloaded():
    modules = 'name = "b"\nlen = 9', 'name = "a"\nlen = 9\ndepends = ["b"]'
    user = 'by = "udev"\ntasks = 1\nmodules = ["a"]\nat_ms = 1.0'
    owner = 'by = "stress"\ntasks = 1\nmodules = ["b", "slow"]\nunload = true'
    slow = 'name = "slow"\nlen = 9\ninit_us = 90000.0'
    simulation = simulate(toml(*modules, slow, requests=owner + "\n[[requests]]\n" + user))
    assert simulation._files["b"].state == simulation._files["a"].state == LIVE
    assert simulation._files["slow"].state == ABSENT


# ---- what a failure gives up ----------------------------------------------------------


def test_a_need_that_fails_is_asked_for_again_by_whoever_needs_it():
    """libkmod probes one wanted module after the other; no user goes live without its need."""
    modules = (
        'name = "b"\nlen = 1000\nfault = "signature"',
        'name = "x"\nlen = 9\ndepends = ["b"]',
        'name = "y"\nlen = 9\ndepends = ["b"]',
    )
    simulation = simulate(toml(*modules, requests=udev(1, '["x", "y"]')))
    assert (simulation.requests, simulation.loaded) == (2, 0)


def test_a_soft_dependency_may_fail():
    modules = 'name = "s"\nlen = 9\nfault = "signature"', 'name = "x"\nlen = 9\nbefore = ["s"]'
    simulation = simulate(toml(*modules, requests=udev(1, '["x"]')))
    assert (simulation.requests, simulation.loaded) == (2, 1)


def test_who_is_refused_because_the_load_failed_gives_up_and_who_finds_it_live_goes_on():
    """EBUSY is a failure to libkmod, EEXIST is as good as loaded."""
    user = 'name = "u"\nlen = 9\ndepends = ["a"]'
    fails, lives = (
        simulate(toml(BIG + fault, user, requests=udev(2, '["u"]')), "stats-only")
        for fault in ('\nfault = "init"', "")
    )
    assert rows(fails) == {"a": (1, FailReason.LOAD)} and fails.requests == 2
    assert rows(lives)["a"] == (1, FailReason.LOAD) and lives.requests == 4


def test_those_who_are_folded_into_a_load_that_fails_fail_with_it():
    user = 'name = "u"\nlen = 9\ndepends = ["a"]'
    module = BIG + '\nfault = "init"'
    simulation = simulate(toml(module, user, requests=udev(8, '["u"]')), "idempotent")
    assert simulation.folded == 7 and simulation.loaded == 0 and simulation.requests == 8


@pytest.mark.parametrize("fault", ["empty", "compression"])
def test_what_userspace_cannot_read_or_unpack_the_kernel_never_sees(fault):
    module = f'name = "a"\nlen = 1000\ncompressed_len = 300\nfault = "{fault}"'
    simulation = simulate(toml(module, requests=udev(3, via='"init_module"')))
    assert simulation.requests == simulation.loaded == 0


def test_userspace_reads_from_disk_too():
    slow = machine(disk_latency_us=300000.0)
    by_kernel = simulate(toml(BIG, requests=udev(1), machine=slow))
    by_itself = simulate(toml(BIG, requests=udev(1, via='"init_module"'), machine=slow))
    assert min(by_kernel.now, by_itself.now) > 200_000_000


# ---- machines -----------------------------------------------------------------------


def test_real_cores_bound_what_runs_at_a_time():
    module = 'name = "a"\nlen = 20000000\ninit_us = 1.0'
    many = simulate(toml(module, requests=udev(8)), "stats-only")
    few = simulate(toml(module, requests=udev(8), machine=machine(cores=1)), "stats-only")
    assert few.now > many.now + 6 * 4_000_000  # each copies for some 4 ms


def test_an_init_function_may_take_longer_with_every_cpu():
    module = 'name = "a"\nlen = 1000\ninit_us = 1.0\ninit_cpu_us = 1000.0'
    few, many = (simulate(toml(module, requests=udev(1)), cpus=cpus).now for cpus in (10, 100))
    assert many - few > 90_000_000 * 0.6
