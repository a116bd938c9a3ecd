"""What the words of a verb have chosen, as values: below a verb's `run` no Namespace is seen."""

import argparse
from typing import NamedTuple


class Given(NamedTuple):
    """Evidence beside a source: a kernel log, a trace, a folder with a machine's modules.alias;
    None for what was not given."""

    kmsg: str | None = None
    trace: str | None = None
    modules: str | None = None


class Reading(NamedTuple):
    """How sources are read. `interval`: seconds; `speed`: of what is played; `user`: whom to
    become when root is given up, None for the calling one. `blame`: how it is heard who asks,
    None for not at all; `way`: stats or trace, None for whichever there is; `span`: seconds that
    a report watches first."""

    interval: float = 1.0
    speed: float = 1.0
    sudo: bool = False
    risk_panic: bool = False
    user: str | None = None
    blame: str | None = None
    way: str | None = None
    span: float | None = None


class Writing(NamedTuple):
    """How text is written: into the file `output`, or to stdout; `given`: what was read for it;
    `beside`: evidence for it."""

    format: str | None = "text"
    units: str = "iec"
    ascii: bool = False
    output: str | None = None
    given: tuple[str, ...] = ()
    beside: Given = Given()


def reading_of(args: argparse.Namespace) -> Reading:
    """By the words of any verb."""
    interval, speed = getattr(args, "interval", 1.0), getattr(args, "speed", None) or 1.0
    more = (getattr(args, name, None) for name in ("blame", "way", "span"))
    return Reading(interval, speed, args.sudo, args.risk_panic, args.user, *more)


def given_of(args: argparse.Namespace) -> Given:
    """By the words of a verb that takes evidence."""
    return Given(*(getattr(args, name, None) for name in ("kmsg", "trace", "module_folder")))


def writing_of(args: argparse.Namespace, *given: str | None) -> Writing:
    """By the words of a verb that prints; `given`: what it reads."""
    output = getattr(args, "output", None)
    names = tuple(name for name in given if name)
    format_, beside = getattr(args, "format", "text"), given_of(args)
    return Writing(format_, args.bytes, args.ascii, output, names, beside)
