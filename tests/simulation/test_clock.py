"""Simulated time: events in order, and what only so many can hold at a time."""

from hypothesis import given
from hypothesis import strategies as st

from kmodtop_core.simulation.clock import Clock, Cpus, Serial


class Who:
    """Somebody to whom something happens."""

    def __init__(self):
        self.work = 0, None
        self.has_core = self.goes_on = False
        self.slice = 0


def test_events_come_in_order_of_time_and_of_being_planned():
    clock, seen = Clock(1, 0.0), []
    for when, name in ((20, "late"), (10, "first"), (10, "second")):
        clock.at(when, lambda who, name=name: seen.append((clock.now, name)), Who())
    clock.run()
    assert seen == [(10, "first"), (10, "second"), (20, "late")]
    assert clock.is_over and clock.planned == 3


def test_a_lock_is_held_by_one_at_a_time_first_come_first_served():
    clock, lock, given_back = Clock(1, 0.0), None, []
    lock = Serial(clock)
    for when in (0, 10, 500):
        clock.at(when, lambda who: given_back.append(lock.take(100)), Who())
    clock.run()
    assert given_back == [100, 200, 600]


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 100)), min_size=1, max_size=30))
def test_nobody_waits_for_a_lock_that_is_free(asks):
    clock, held = Clock(1, 0.0), []
    lock = Serial(clock)

    def ask(who, nanoseconds):
        end = lock.take(nanoseconds)
        held.append((clock.now, end - nanoseconds, end))

    for when, nanoseconds in asks:
        clock.at(when, lambda who, n=nanoseconds: ask(who, n), Who())
    clock.run()
    free = 0
    for asked, begin, end in held:
        assert begin == max(asked, free)
        free = end


def test_work_runs_on_so_many_cores_and_takes_turns():
    clock, done = Clock(1, 0.0), {}
    cores = Cpus(clock, 1)
    long, short = Who(), Who()
    finish = lambda who: done.setdefault(who, clock.now)  # noqa: E731
    clock.at(0, lambda who: cores.run(10_000_000, finish, who), long)
    clock.at(1, lambda who: cores.run(1_000_000, finish, who), short)
    clock.run()
    assert done == {short: 4_000_000, long: 11_000_000}  # after the first slice of 3 ms


def test_a_moment_is_reached_even_where_nothing_happens():
    clock = Clock(1, 0.0)
    clock.at(50, lambda who: None, Who())
    assert clock.until(40) and clock.now == 40
    assert not clock.until(60) and clock.now == 60


def test_times_stray_by_the_jitter_and_by_no_more():
    clock = Clock(7, 0.3)
    times = [clock.about(1000) for _ in range(500)]
    assert 700 <= min(times) < 720 and 1280 < max(times) <= 1300
    assert all(940 <= clock.about(1000, 0.2) <= 1060 for _ in range(500))
