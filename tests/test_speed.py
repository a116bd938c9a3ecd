"""One list of speeds, for recordings and simulations."""

from hypothesis import given
from hypothesis import strategies as st

from kmodtop_core.simulation.eras import ERAS, next_era
from kmodtop_core.simulation.scenario_files import load
from kmodtop_core.sources.simulated import Simulated
from kmodtop_core.speed import SPEEDS, next_speed


def test_speeds_end_at_both_ends():
    assert next_speed(SPEEDS[-1], 1) == SPEEDS[-1]
    assert next_speed(SPEEDS[0], -1) == SPEEDS[0]


@given(st.floats(0.01, 1e6), st.integers(-12, 12))
def test_faster_is_never_slower(speed, by):
    near = next_speed(speed, 0)
    assert near in SPEEDS
    assert (next_speed(speed, by) >= near) == (by >= 0 or near == SPEEDS[0])


def test_a_simulated_boot_is_no_faster_than_it_can_be_seen():
    source = Simulated(load("quiet"), None, None, 1)
    for _ in range(20):
        source.change_speed(1)
    assert source.speed == 50


def test_eras_go_round():
    era = "stats-only"
    seen = [era := next_era(era) for _ in ERAS]
    assert seen == ["early-check", "idempotent", "stats-only"]
