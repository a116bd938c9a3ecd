"""Verbs and their words: one table, from which the parser and its help are made.

What a word means is checked here; what the words choose becomes values: below a
verb's `run` no Namespace is seen.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kmodtop_core.units import UNITS, parse_size

LEAST_SIZE = 100 << 10
"""Bytes that a recording can be kept within."""

VERBS = {
    "watch": "live view of a stats file (the default)",
    "replay": "the live view over a recording",
    "record": "records a stats file, made for boot",
    "export": "a recording for other programs",
    "report": "a snapshot as text or JSON; a recording summed up",
    "follow": "one line a change: for pipes, serial lines, screen readers",
    "diff": "what changed between two snapshots or recordings",
    "demo": "the live view over a simulated boot: no root, no kernel support needed",
    "simulate": "a simulated boot, or a list of load events, without a screen",
    "doctor": "why a source can or cannot be read here, cause by cause",
}

PLANNED = ("check", "exporter", "collect", "merge", "completion", "config", "help")
"""Verbs that are to come; a file may still be called so."""


class Word(NamedTuple):
    """An operand, or an option if its names begin with a dash.

    `metavar` None: a switch that takes no value, or an operand that is called as it is named.
    `many`: how many there may be, as argparse spells it. Of those of one `group` one is taken.
    """

    names: tuple[str, ...]
    help: str | None = None
    metavar: str | None = None
    kind: Callable[[str], object] | None = None
    default: object = None
    choices: tuple[str, ...] = ()
    dest: str | None = None
    many: str | None = None
    group: str = ""

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value."""
        return self.names[0].startswith("-") and not (self.metavar or self.choices)


# ---- what a value may be -----------------------------------------------------


def _number(text: str, least: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}; give a number from {least:g} on")
    return value


def _interval(text: str) -> float:
    return _number(text, 0.1, "an interval in seconds")


def _duration(text: str) -> float:
    return _number(text, 0.0, "a time in seconds")


def _speed(text: str) -> float:
    return _number(text, 0.01, "a speed")


def _size(text: str) -> int:
    try:
        size = parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if size < LEAST_SIZE:
        raise argparse.ArgumentTypeError(
            f"{text!r} is too small for a recording; give 100KiB or more"
        )
    return size


def _mode(text: str) -> int:
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0o400 <= mode <= 0o777:
        raise argparse.ArgumentTypeError(f"{text!r} is no mode of a file; write it as 600 or 644")
    return mode


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text[:9]) >= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of lines from 1 on")
    return int(text)


def _cpus(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of CPUs from 1 to 65,536")
    return int(text)


# ---- the words of each verb --------------------------------------------------

_OUTPUT = Word(("-o",), "write there instead of stdout", "FILE", dest="output")
_FORMAT = Word(("--format",), choices=("text", "json"), default="text")
_INTERVAL = Word(
    ("--interval",), "seconds between readings (1, at least 0.1)", "SECONDS", _interval, 1.0
)
_PLAYS = Word(("--speed",), "how fast it plays (1)", "X", _speed, 1.0)
_CHANGED_SPEED = Word(("--speed",), "how fast a recording is played (1)", "X", _speed, 1.0)
_RECORDING = Word(("source",), metavar="RECORDING")

_COMMON = (
    Word(("--bytes",), "how sizes are written (iec)", choices=UNITS, default="iec"),
    Word(("--ascii",), "nothing but ASCII characters"),
    Word(("--no-color",), "no colours (as NO_COLOR does)"),
    Word(("--as",), "whom to become when root is given up", "USER", dest="user"),
    Word(
        ("--theme",),
        "colours (auto: the terminal's own)",
        choices=("auto", "light", "colour-blind", "plain"),
        default="auto",
    ),
    Word(("--low-bandwidth",), "sends less to the terminal"),
    Word(("--sudo",), "on another host read by sudo -n"),
    Word(
        ("--risk-panic",),
        "read on even where panic_on_warn is set and the table is near its limit",
    ),
)
"""Of every verb."""

_WORDS: dict[str, tuple[Word, ...]] = {
    "watch": (
        Word(("source",), "file, ssh://host, or - for standard input", many="*"),
        Word(("--hosts",), "more sources, one a line", "FILE"),
        _INTERVAL,
        Word(
            ("--speed",),
            "how much faster than it was taken a recording is played (1)",
            "X",
            _speed,
            1.0,
        ),
        Word(("--record",), "also record what is seen", "FILE"),
    ),
    "report": (
        Word(("source",), "files, or - for standard input", many="*"),
        _FORMAT,
        _OUTPUT,
    ),
    "follow": (
        Word(("source",), "file, ssh://host, or - for standard input", many="?"),
        _FORMAT,
        Word(("--count",), "ends after so many lines", "N", _count),
        _INTERVAL,
        _CHANGED_SPEED,
    ),
    "diff": (
        Word(("a",), "the older one: a file, a recording, or -", "A"),
        Word(("b",), "the newer one", "B"),
        _FORMAT,
        _OUTPUT,
        Word(
            ("--across-boots",),
            "put levels side by side (done by itself for recordings of two boots)",
        ),
        Word(("--exit-code",), "end with 1 when there is a difference"),
    ),
    "replay": (
        _RECORDING,
        Word(("--boot",), "which boot, from 1 (the last)", "N", int),
        Word(("--at",), "stand still at a time: 12.5 (seconds since boot) or 12:03:10", "TIME"),
        _PLAYS,
    ),
    "record": (
        Word(("source",), "file, or - for standard input", many="?"),
        Word(("-o",), "recording to append to", "FILE", dest="output"),
        Word(("--install-hints",), "how to make a boot record itself"),
        Word(("--duration",), "ends after that time", "SECONDS", _duration),
        Word(
            ("--interval",),
            "between readings while counters move (0.1); slower when quiet",
            "SECONDS",
            _interval,
            0.1,
        ),
        Word(
            ("--max-size",),
            "oldest boots go first when the file grows larger (10MiB, 1.5GB; at least 100KiB)",
            "SIZE",
            _size,
        ),
        Word(("--mode",), "permissions of a new file (600)", "OCTAL", _mode, 0o600),
    ),
    "export": (
        _RECORDING,
        Word(("--format",), choices=("jsonl", "csv"), default="jsonl"),
        _OUTPUT,
    ),
    "demo": (
        Word(("scenario",), "name or TOML file (big-255)", default="big-255", many="?"),
        _PLAYS,
    ),
    "simulate": (
        Word(("scenario",), "name or TOML file", many="?"),
        Word(("--events",), "play a list of load events instead", "FILE"),
        Word(("--to",), "keep writing a stats file, to be watched", "FILE"),
        Word(("--record",), "write a series, to be watched later", "FILE"),
        Word(("--realtime",), "at the pace of the demo", group="pace"),
        Word(("--speed",), "so many times as fast", "X", _speed, group="pace"),
        Word(("--compare",), "every era, on a range of CPUs"),
        Word(("--format",), "of what is printed", choices=("text", "json", "stats")),
    ),
    "doctor": (
        Word(("source",), "file, ssh://host, sim:SCENARIO, or - for standard input", many="?"),
    ),
}


def words_of(verb: str) -> Iterator[Word]:
    """The words of a verb, in the order of its help."""
    own = _WORDS[verb]
    yield from own[:1]
    if verb in ("demo", "simulate"):
        yield from _load_choice()
    yield from own[1:]
    yield from _COMMON


def _load_choice() -> Iterator[Word]:
    from kmodtop_core.simulation.eras import ERAS  # only here: others have no use for it

    yield Word(("--era",), "how the kernel treats duplicates", choices=tuple(ERAS))
    yield Word(("--cpus",), "another number of CPUs", "N", _cpus)
    yield Word(("--seed",), "another course of chance (1)", "N", int, 1)


# ---- what was chosen, as values ----------------------------------------------


class Reading(NamedTuple):
    """How sources are read. `interval`: seconds; `speed`: of what is played; `user`: whom to
    become when root is given up, None for the calling one."""

    interval: float = 1.0
    speed: float = 1.0
    sudo: bool = False
    risk_panic: bool = False
    user: str | None = None


class Writing(NamedTuple):
    """How text is written: into the file `output`, or to stdout; `given`: what was read for it."""

    format: str | None = "text"
    units: str = "iec"
    ascii: bool = False
    output: str | None = None
    given: tuple[str, ...] = ()


def reading_of(args: argparse.Namespace) -> Reading:
    """By the words of any verb."""
    interval, speed = getattr(args, "interval", 1.0), getattr(args, "speed", None) or 1.0
    return Reading(interval, speed, args.sudo, args.risk_panic, args.user)


def writing_of(args: argparse.Namespace, *given: str | None) -> Writing:
    """By the words of a verb that prints; `given`: what it reads."""
    output = getattr(args, "output", None)
    names = tuple(name for name in given if name)
    return Writing(getattr(args, "format", "text"), args.bytes, args.ascii, output, names)
