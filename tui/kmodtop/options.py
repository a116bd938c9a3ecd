"""What the words of a verb have chosen, as values: below a verb's `run` no Namespace is seen."""

import argparse
from typing import NamedTuple


class Reading(NamedTuple):
    """How sources are read. `interval`: seconds; `speed`: of what is played; `user`: whom to
    become when root is given up, None for the calling one."""

    interval: float = 1.0
    speed: float = 1.0
    sudo: bool = False
    risk_panic: bool = False
    user: str | None = None


class Writing(NamedTuple):
    """How text is written: into the file `output`, or to stdout; `given`: what was read for it;
    `kmsg`: a kernel log that is evidence for it."""

    format: str | None = "text"
    units: str = "iec"
    ascii: bool = False
    output: str | None = None
    given: tuple[str, ...] = ()
    kmsg: str | None = None


def reading_of(args: argparse.Namespace) -> Reading:
    """By the words of any verb."""
    interval, speed = getattr(args, "interval", 1.0), getattr(args, "speed", None) or 1.0
    return Reading(interval, speed, args.sudo, args.risk_panic, args.user)


def writing_of(args: argparse.Namespace, *given: str | None) -> Writing:
    """By the words of a verb that prints; `given`: what it reads."""
    output = getattr(args, "output", None)
    names = tuple(name for name in given if name)
    kmsg = getattr(args, "kmsg", None)
    return Writing(getattr(args, "format", "text"), args.bytes, args.ascii, output, names, kmsg)
