"""What a value on the command line may be. Each raises argparse.ArgumentTypeError."""

import argparse

from kmodtop_core.units import parse_size

LEAST_SIZE = 100 << 10
"""Bytes that a recording can be kept within."""


def _number(text: str, least: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}; give a number from {least:g} on")
    return value


def interval(text: str) -> float:
    """Seconds between readings."""
    return _number(text, 0.1, "an interval in seconds")


def duration(text: str) -> float:
    """Seconds."""
    return _number(text, 0.0, "a time in seconds")


def speed(text: str) -> float:
    """How many times as fast."""
    return _number(text, 0.01, "a speed")


def size(text: str) -> int:
    """Bytes that a recording may have."""
    try:
        size = parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if size < LEAST_SIZE:
        raise argparse.ArgumentTypeError(
            f"{text!r} is too small for a recording; give 100KiB or more"
        )
    return size


def mode(text: str) -> int:
    """Permissions of a file (chmod(2))."""
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0o400 <= mode <= 0o777:
        raise argparse.ArgumentTypeError(f"{text!r} is no mode of a file; write it as 600 or 644")
    return mode


def count(text: str) -> int:
    """How many lines."""
    if not text.isdecimal() or not int(text[:9]) >= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of lines from 1 on")
    return int(text)


def cpus(text: str) -> int:
    """How many CPUs."""
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of CPUs from 1 to 65,536")
    return int(text)
