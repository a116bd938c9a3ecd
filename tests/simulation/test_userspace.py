"""Who asks: workers are the machine's, udevd forks them one by one, the kernel has 50 slots."""

from support.scenarios import simulate, toml

from kmodtop_core.simulation.userspace import udev_workers

SLOW = 'name = "{}"\nlen = 1000\ninit_us = {}'


def test_udevd_has_twice_the_cpus_and_sixteen_workers_if_there_is_memory():
    assert udev_workers(1 << 20, 8) == 32
    assert udev_workers(1024, 8) == 10  # 128 MiB for each; ten it always has
    assert udev_workers(4096, 64) == 32


def test_udevd_caps_its_workers_on_the_largest_machines():
    assert udev_workers(1 << 30, 4096) == 2048


def test_udevds_workers_are_shared_by_all_uevents():
    modules = [SLOW.format(name, 100_000.0) for name in "ab"]
    ask = 'by = "udev"\ntasks = 10\nmodules = ["{}"]'
    both = ask.format("a") + "\n[[requests]]\n" + ask.format("b")
    one = simulate(toml(*modules, requests=both, machine="{memory_mib = 1280}"), "idempotent")
    # Ten workers wait for a; b has its turn only when a is live.
    assert one.now > 150_000_000
    many = simulate(toml(*modules, requests=both, machine="{memory_mib = 99999}"), "idempotent")
    assert many.now < 150_000_000


def test_udevd_forks_its_workers_one_after_the_other():
    ask = 'by = "udev"\ntasks = 20\nmodules = ["a"]'
    slow = "{fork_us = 10000.0, rules_us = 500000.0, jitter = 0.0}"
    end = simulate(toml(requests=ask, machine=slow, cpus=64))
    assert 20 * 10_000_000 + 500_000_000 < end.now < 720_000_000


def test_an_idle_worker_of_udevd_is_used_again_for_three_seconds():
    modules = [SLOW.format(name, 1.0) for name in "ab"]
    ask = 'by = "udev"\ntasks = 20\nmodules = ["{}"]\nat_ms = {}'
    slow = "{fork_us = 10000.0, hand_us = 1.0, rules_us = 500000.0, jitter = 0.0}"

    def took(at_ms):
        both = ask.format("a", 0.0) + "\n[[requests]]\n" + ask.format("b", at_ms)
        return simulate(toml(*modules, requests=both, machine=slow, cpus=64)).now - at_ms * 1e6

    assert took(2000.0) < 520_000_000
    assert took(9000.0) > 700_000_000


def test_uevents_that_load_nothing_take_workers_too():
    nothing = 'by = "udev"\ntasks = 50\nmodules = []\n[[requests]]\n'
    asks = 'by = "udev"\ntasks = 1\nmodules = ["a"]'
    slow = "{memory_mib = 1280, rules_us = 10000.0}"
    alone = simulate(toml(requests=asks, machine=slow))
    among = simulate(toml(requests=nothing + asks, machine=slow))
    assert among.requests == alone.requests == 1
    assert among.now > alone.now + 3 * 10_000_000


def test_a_duplicate_request_of_the_kernel_keeps_its_slot_while_it_waits():
    """kmod.c: 50 slots for all names; dups.c: who waits for the first has taken one."""
    modules = [SLOW.format(name, 200_000.0) for name in "ab"]
    ask = 'by = "autoload"\ntasks = {}\nmodules = ["{}"]\nfold = true'
    free = ask.format(49, "a") + "\n[[requests]]\n" + ask.format(1, "b")
    full = ask.format(50, "a") + "\n[[requests]]\n" + ask.format(1, "b")
    assert simulate(toml(*modules, requests=free)).now < 350_000_000
    held_up = simulate(toml(*modules, requests=full))
    assert held_up.now > 350_000_000 and held_up.folded_autoloads == 49


def test_a_request_of_the_kernel_fails_after_five_seconds_without_a_slot():
    modules = [SLOW.format(name, 9_000_000.0) for name in "ab"]
    full = 'by = "autoload"\ntasks = 50\nmodules = ["a"]\n[[requests]]\n'
    late = 'by = "autoload"\ntasks = 1\nmodules = ["b"]'
    simulation = simulate(toml(*modules, requests=full + late))
    assert simulation.loaded == 1 and simulation._userspace.autoload.expired == 1
    assert simulation.tasks_done == simulation.tasks == 51


def test_a_served_request_is_remembered_for_a_minute():
    ask = 'by = "autoload"\ntasks = 1\nmodules = ["a"]\nat_ms = {}'
    module = 'name = "a"\nlen = 1000\nfault = "signature"'
    soon = ask.format(0.0) + "\n[[requests]]\n" + ask.format(30_000.0)
    late = ask.format(0.0) + "\n[[requests]]\n" + ask.format(70_000.0)
    assert simulate(toml(module, requests=soon)).requests == 1
    assert simulate(toml(module, requests=late)).requests == 2


def test_any_number_of_requests_of_the_kernel_come_to_an_end():
    ask = 'by = "autoload"\ntasks = 5000\nmodules = ["a"]\nfold = {}'
    for fold in ("true", "false"):
        simulation = simulate(toml(SLOW.format("a", 6_000_000.0), requests=ask.format(fold)))
        assert simulation.tasks_done == 5000 and simulation.loaded == 1


def test_other_names_are_other_requests_even_if_they_end_alike():
    asks = 'by = "autoload"\ntasks = 1\nmodules = ["{}", "c"]'
    modules = [SLOW.format(name, 50_000.0) for name in "abc"]
    both = asks.format("a") + "\n[[requests]]\n" + asks.format("b")
    assert simulate(toml(*modules, requests=both)).loaded == 3


def test_a_daemon_with_fewer_workers_is_still_a_daemon():
    ask = 'by = "udev"\ntasks = 40\nmodules = ["a"]\nworkers = {}'
    slow = "{fork_us = 10000.0, rules_us = 100000.0, jitter = 0.0}"
    few = simulate(toml(requests=ask.format(4), machine=slow, cpus=64))
    assert few.now > 10 * 100_000_000
