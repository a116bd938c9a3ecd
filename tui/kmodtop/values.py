"""What a value on the command line may be. Each raises argparse.ArgumentTypeError."""

import argparse
from typing import NamedTuple

from kmodtop_core.units import parse_size

THEMES = ("auto", "light", "colour-blind", "plain")

LEAST_SIZE = 100 << 10
"""Bytes that a recording can be kept within."""

MOST_CPUS = 65536


def _number(text: str, least: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= 1e6:
        bounds = f"from {least:g} to 1,000,000"
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not {what}; give a number {bounds}")
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


def limit_size(text: str) -> int:
    """Bytes that may be wasted."""
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def limit(text: str) -> int:
    """How many may fail."""
    if not text.isdecimal() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return int(text)


def limit_rate(text: str) -> int:
    """Bytes a second that may be wasted: 1MiB/s, or 1MiB."""
    try:
        return parse_size(text.removesuffix("/s"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate; write it as 1MiB/s") from None


def scrape_interval(text: str) -> float:
    """Seconds between readings of an exporter: one a second at most."""
    return _number(text, 1.0, "an interval in seconds")


class Address(NamedTuple):
    """Where to listen; an empty host is every address."""

    host: str
    port: int


def listen(text: str) -> Address:
    """127.0.0.1:9922, [::1]:9922, 9922 (of this machine alone) or :9922 (of every address)."""
    host, colon, port = text.rpartition(":")
    is_port = port.isdecimal() and len(port) <= 5 and int(port) <= 65535
    if not is_port or len(host) > 255 or (":" in host) != ("[" in host):
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} is no address and port; write 127.0.0.1:9922, [::1]:9922 or :9922"
        )
    return Address(host.strip("[]") if colon else "127.0.0.1", int(port))


def source(text: str) -> str:
    """A source as it stands in a list of hosts: a word alone is a host."""
    is_host = "/" not in text and not text.startswith(("sim:", "trace:"))
    return f"ssh://{text}" if is_host else text


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


class Cpus(NamedTuple):
    """A number of CPUs, or so many times those of the scenario."""

    number: float
    is_times: bool = False

    def of(self, scenario: int) -> int:
        """With as many as the scenario has."""
        return max(1, min(round(self.number * (scenario if self.is_times else 1)), MOST_CPUS))


def cpus(text: str) -> Cpus:
    """How many CPUs: a number, or 4x for four times as many as the scenario has."""
    if text.endswith("x"):
        return Cpus(_number(text[:-1], 0.01, "how many times the CPUs"), True)
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_CPUS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of CPUs from 1 to {MOST_CPUS:,}, nor one such as 4x"
        )
    return Cpus(int(text))


def packed(text: str) -> float:
    """What modules are packed to: 0.25, 1:4 or 4, all the same."""
    part = text.removeprefix("1:")
    try:
        value = float(part)
    except ValueError:
        value = 0.0
    ratio = 1 / value if value > 1 else value
    if not 0.001 <= ratio < 1 or (part != text and value <= 1):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not what modules are packed to; write 0.25 or 1:4"
        )
    return ratio


def names(text: str) -> list[str]:
    """Modules, separated by commas; the kernel writes dashes as underscores."""
    found = [name.strip().replace("-", "_") for name in text.split(",") if name.strip()]
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} names no module")
    return found


def seeds(text: str) -> int:
    """How many courses of chance."""
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of courses from 1 to 1,000")
    return int(text)
