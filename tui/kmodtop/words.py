"""Verbs and their words: one table, from which the parser and its help are made.

What a word may be is checked in values; what the words choose becomes values in options.
"""

from collections.abc import Iterator
from typing import Any

from kmodtop_core.units import UNITS

from . import __version__, values

VERBS = {
    "watch": "live view of a stats file (the default)",
    "replay": "the live view over a recording",
    "record": "records a stats file, made for boot",
    "export": "a recording for other programs",
    "merge": "many recordings in one",
    "report": "a snapshot as text or JSON; a recording summed up",
    "follow": "one line a change: for pipes, serial lines, screen readers",
    "diff": "what changed between two snapshots or recordings",
    "demo": "the live view over a simulated boot: no root, no kernel support needed",
    "simulate": "a simulated boot, or a list of load events, without a screen",
    "collect": "one file of evidence, for somebody else to look at",
    "doctor": "why a source can or cannot be read here, cause by cause",
}

PLANNED = ("check", "exporter", "completion", "config", "help")
"""Verbs that are to come; a file may still be called so."""

Word = tuple[tuple[str, ...], dict[str, Any]]
"""An operand, or an option if its names begin with a dash: names, and what argparse takes of it."""

EXCLUSIVE = {"simulate": ("--realtime", "--slow-motion", "--speed")}
"""Of these a verb takes one at most."""


def _word(*names: str, **given: Any) -> Word:
    return names, given


def _switch(name: str, about: str) -> Word:
    return _word(name, action="store_true", help=about)


# ---- the words of each verb --------------------------------------------------

_OUTPUT = _word("-o", help="write there instead of stdout", metavar="FILE", dest="output")
_FORMAT = _word("--format", choices=("text", "json"), default="text")
_INTERVAL = _word(
    "--interval",
    help="seconds between readings (1, at least 0.1)",
    metavar="SECONDS",
    type=values.interval,
    default=1.0,
)
_PLAYS = _word("--speed", help="how fast it plays (1)", metavar="X", type=values.speed, default=1.0)
_CHANGED_SPEED = _word(
    "--speed",
    help="how fast a recording is played (1)",
    metavar="X",
    type=values.speed,
    default=1.0,
)
_SOURCE = _word(
    "--source",
    help="the kernel's statistics, or loads counted by tracing (the statistics if it has them)",
    choices=("stats", "trace"),
    dest="way",
)
_BLAME = _word(
    "--blame",
    help="also find out who asks: by who opens modules, by probes (--blame=trace), and for which"
    " device (--blame=devices); as root",
    choices=("opens", "trace", "devices"),
)
_EVIDENCE = (
    _word("--kmsg", help="a saved kernel log, as more evidence", metavar="FILE"),
    _word("--trace", help="a saved trace, as more evidence", metavar="FILE"),
    _word(
        "--modules",
        help="folder with that machine's modules.alias and modules.dep",
        metavar="FOLDER",
        dest="module_folder",
    ),
)
_RECORDING = _word("source", metavar="RECORDING")

VERSION = _word("--version", action="version", version=f"kmodtop {__version__}")

_COMMON = (
    _word("--bytes", help="how sizes are written (iec)", choices=UNITS, default="iec"),
    _switch("--ascii", "nothing but ASCII characters"),
    _switch("--no-color", "no colours (as NO_COLOR does)"),
    VERSION,
    _word("--as", help="whom to become when root is given up", metavar="USER", dest="user"),
    _word(
        "--theme",
        help="colours (auto: the terminal's own)",
        choices=("auto", "light", "colour-blind", "plain"),
        default="auto",
    ),
    _switch("--low-bandwidth", "sends less to the terminal"),
    _switch("--sudo", "on another host read by sudo -n"),
    _switch(
        "--risk-panic", "read on even where panic_on_warn is set and the table is near its limit"
    ),
)
"""Of every verb."""

_WORDS: dict[str, tuple[Word, ...]] = {
    "watch": (
        _word("source", help="file, ssh://host, or - for standard input", nargs="*"),
        _word("--hosts", help="more sources, one a line", metavar="FILE"),
        _INTERVAL,
        _word(
            "--speed",
            help="how much faster than it was taken a recording is played (1)",
            metavar="X",
            type=values.speed,
            default=1.0,
        ),
        _word("--record", help="also record what is seen", metavar="FILE"),
        _BLAME,
        _SOURCE,
    ),
    "report": (
        _word("source", help="files, folders, or - for standard input", nargs="*"),
        _word("--format", choices=("text", "json", "mail", "markdown", "html"), default="text"),
        _OUTPUT,
        _word(
            "--for",
            help="watch so long first, then sum it up",
            metavar="SECONDS",
            type=values.interval,
            dest="span",
        ),
        _BLAME,
        _SOURCE,
        *_EVIDENCE,
    ),
    "follow": (
        _word("source", help="file, ssh://host, or - for standard input", nargs="?"),
        _FORMAT,
        _word("--count", help="ends after so many lines", metavar="N", type=values.count),
        _INTERVAL,
        _CHANGED_SPEED,
        _SOURCE,
    ),
    "diff": (
        _word("a", help="the older one: a file, a recording, or -", metavar="A"),
        _word("b", help="the newer one", metavar="B"),
        _word("--format", choices=("text", "json", "mail"), default="text"),
        _OUTPUT,
        _switch(
            "--across-boots", "put levels side by side (done by itself for recordings of two boots)"
        ),
        _switch("--exit-code", "end with 1 when there is a difference"),
    ),
    "replay": (
        _RECORDING,
        _word("--boot", help="which boot, from 1 (the last)", metavar="N", type=int),
        _word(
            "--at",
            help="stand still at a time: 12.5 (seconds since boot) or 12:03:10",
            metavar="TIME",
        ),
        _PLAYS,
    ),
    "record": (
        _word("source", help="file, or - for standard input", nargs="?"),
        _word("-o", help="recording to append to", metavar="FILE", dest="output"),
        _switch("--install-hints", "how to make a boot record itself"),
        _word("--duration", help="ends after that time", metavar="SECONDS", type=values.duration),
        _word(
            "--interval",
            help="between readings while counters move (0.1); slower when quiet",
            metavar="SECONDS",
            type=values.interval,
            default=0.1,
        ),
        _word(
            "--max-size",
            help="oldest boots go first when the file grows larger (10MiB, 1.5GB; at least 100KiB)",
            metavar="SIZE",
            type=values.size,
        ),
        _word(
            "--mode",
            help="permissions of a new file (600)",
            metavar="OCTAL",
            type=values.mode,
            default=0o600,
        ),
        _BLAME,
        _SOURCE,
        *_EVIDENCE,
    ),
    "export": (
        _RECORDING,
        _word("--format", choices=("jsonl", "csv", "events"), default="jsonl"),
        _OUTPUT,
    ),
    "merge": (
        _word("source", metavar="RECORDING", nargs="+"),
        _word("-o", help="the recording to write, or to add to", metavar="FILE", dest="output"),
    ),
    "demo": (
        _word("scenario", help="name or TOML file (big-255)", default="big-255", nargs="?"),
        _PLAYS,
    ),
    "simulate": (
        _word("scenario", help="name or TOML file", nargs="?"),
        _word(
            "--from",
            help="a scenario of this machine (/), of a text or of a recording",
            metavar="SOURCE",
            dest="model",
        ),
        _word("--write", help="write the scenario, to be read and edited", metavar="FILE.toml"),
        _word(
            "--packed",
            help="with modules packed to that part of their length, beside the same unpacked",
            metavar="RATIO",
            type=values.packed,
        ),
        _word(
            "--blacklist",
            help="after blacklist lines of modprobe.d for these modules",
            metavar="MODULE,…",
            type=values.names,
        ),
        _word("--events", help="play a list of load events instead", metavar="FILE"),
        _word("--to", help="keep writing a stats file, to be watched", metavar="FILE"),
        _word("--record", help="write a series, to be watched later", metavar="FILE"),
        _switch("--realtime", "as fast as it would happen"),
        _switch("--slow-motion", "at the pace of the demo"),
        _word(
            "--speed",
            help="in slow motion, so many times as fast as the demo",
            metavar="X",
            type=values.speed,
        ),
        _switch("--compare", "every era, on a range of CPUs, packed and unpacked"),
        _word(
            "--seeds",
            help="courses of chance that are compared (5)",
            metavar="N",
            type=values.seeds,
        ),
        _word("--format", help="of what is printed", choices=("text", "json", "stats", "html")),
        _OUTPUT,
    ),
    "collect": (
        _word("source", help="file, recording, ssh://host; this machine if none", nargs="?"),
        _word(
            "-o",
            help="the file to write (kmodtop-bundle.zip)",
            metavar="FILE",
            dest="output",
            default="kmodtop-bundle.zip",
        ),
    ),
    "doctor": (
        _word("source", help="file, ssh://host, sim:SCENARIO, or - for standard input", nargs="?"),
        _switch("--clean", "take away what a kmodtop that was killed has left in tracefs"),
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

    yield _word("--era", help="how the kernel treats duplicates", choices=tuple(ERAS))
    yield _word(
        "--cpus",
        help="another number of CPUs; 4x: four times as many",
        metavar="N",
        type=values.cpus,
    )
    yield _word("--seed", help="another course of chance (1)", metavar="N", type=int, default=1)
