"""How much faster than it happened something is played: one list for all that is played."""

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 200.0, 1000.0)
"""Seconds that pass in a second of the reader's."""


def next_speed(speed: float, by: int) -> float:
    """So many steps up or down from the nearest of them, as far as there are any."""
    near = min(range(len(SPEEDS)), key=lambda place: abs(SPEEDS[place] - speed))
    return SPEEDS[max(0, min(len(SPEEDS) - 1, near + by))]
