"""The command line: words to a verb, errors to one sentence and an exit code.

Verbs are imported when they are called, so that none pays for another's imports.
"""

import argparse
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import NoReturn

from kmodtop_core.errors import Exit, SourceError
from kmodtop_core.machine.privileges import give_up
from kmodtop_core.plain import harmless_lines
from kmodtop_core.units import UNITS, parse_size

from . import __version__
from .process import signals, streams

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
    "doctor": "why a source can or can't be read here, cause by cause",
}


_AT_ONCE = ("report", "export", "diff", "simulate", "doctor")
"""Verbs that become another user at once, if told to; the others open what needs root first."""

PLANNED = ("check", "exporter", "collect", "merge", "completion", "config", "help")
"""Verbs that are to come; a file may still be called so."""

LEAST_SIZE = 100 << 10
"""Bytes that a recording can be kept within."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb; returns the exit status."""
    streams.make_ready()
    code = _told(list(sys.argv[1:] if argv is None else argv))
    streams.discard()
    return code


def _told(argv: list[str]) -> int:
    """The exit status; whatever went wrong is told in one sentence."""
    try:
        code = _run(argv)
        streams.flush()
    except SourceError as error:
        return complain(str(error), error.status)
    except BrokenPipeError:
        return Exit.DONE  # whoever read it has gone; nothing is left to be said to them
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except signals.Ended as ended:
        return 128 + ended.number
    except (MemoryError, RecursionError):
        return complain("there is not enough memory for that; take a smaller file", 3)
    except OSError as error:
        return complain(_about(error), Exit.UNREADABLE)
    except Exception as error:
        from .process import crash  # only here: it costs a report a tenth of its time

        return complain(crash.told(error), Exit.FOUND)
    return code


def _about(error: OSError) -> str:
    """An error that nobody nearer to it has told of: of a file, or of standard output."""
    reason = error.strerror or type(error).__name__
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "there are no file descriptors left; close files, or raise ulimit -n"
    if error.filename is not None:
        return f"{os.fsdecode(error.filename)}: can't be used ({reason}); check the file"
    return f"standard output: can't be written ({reason}); check where it goes"


def _run(argv: list[str]) -> int:
    """Finds the verb and runs it."""
    verb, words = _verb(argv)
    if verb is None:
        overview().parse_args(words)
        return Exit.USAGE
    if verb == "watch" and (told := _misplaced(words)):
        return complain(told, Exit.USAGE)
    args = _parsed(verb, words)
    run: Callable[[argparse.Namespace], int] = import_module(f".commands.{verb}", __package__).run
    return _lowered(verb, run, args)


def _parsed(verb: str, words: list[str]) -> argparse.Namespace:
    """The words by the verb's table. All after -- are operands, whatever they begin with."""
    last = words.index("--") if "--" in words else len(words)
    operands = words[last + 1 :]
    # argparse mixes options and operands only where -- does not occur.
    marks = {f"\0{number}": word for number, word in enumerate(operands)}
    args = parser(verb).parse_intermixed_args([*words[:last], *marks])
    for name, value in vars(args).items():
        if isinstance(value, str):
            setattr(args, name, marks.get(value, value))
        elif isinstance(value, list):
            setattr(args, name, [marks.get(word, word) for word in value])
    return args


def _misplaced(words: list[str]) -> str | None:
    """What somebody meant who wrote a verb in the wrong place, or wrongly."""
    named = words[: words.index("--")] if "--" in words else words
    for word in named:
        if word in VERBS and not os.path.lexists(word):
            return f"{word}: is a verb; write it first, kmodtop {word} ..."
    first = next((word for word in named if not word.startswith("-")), "")
    if not first or os.path.lexists(first) or "/" in first or ":" in first or "." in first:
        return None
    if first in PLANNED:
        return f"{first}: this version has no such verb; kmodtop --help names all"
    if near := nearest(first, VERBS):
        return f"{first}: is no verb, and there is no such file; did you mean kmodtop {near}?"
    return None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    from difflib import get_close_matches  # only here: who writes well has no use for it

    found = get_close_matches(word, list(known), 1, 0.7)
    return found[0] if found else None


def _lowered(verb: str, run: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """Runs the verb, as another user where it was told to."""
    if verb in _AT_ONCE and args.user is not None:
        give_up(args.user)
    return run(args)


def complain(sentence: str, code: int) -> int:
    """One sentence on stderr; returns the code."""
    streams.say(sentence)
    return code


def _verb(words: list[str]) -> tuple[str | None, list[str]]:
    """(verb, the other words): `kmodtop FILE` means `kmodtop watch FILE`.

    The verb may stand after options. None is a question about kmodtop itself.
    """
    for place, word in enumerate(words):
        if word in VERBS:
            return word, words[:place] + words[place + 1 :]
        if not word.startswith("-") or word in ("-", "--"):
            break
    else:
        if {"-h", "--help", "--version"} & set(words):
            return None, words
    return "watch", words


class _Parser(argparse.ArgumentParser):
    """Tells a wrong use in one sentence."""

    def parse_known_intermixed_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Tells of an option that does not exist, and which one was probably meant."""
        found, more = super().parse_known_intermixed_args(args, namespace)
        if more:
            self._unknown(more)
        return found, more

    def _unknown(self, words: list[str]) -> NoReturn:
        word = words[0].partition("=")[0]
        near = nearest(word, self._option_string_actions)
        self.error(
            f"{word}: no such option or operand" + (f"; did you mean {near}?" if near else "")
        )

    def error(self, message: str) -> NoReturn:
        """Prints the sentence and ends with 2."""
        end = "" if message.endswith("?") else f"; {self.prog} --help tells more"
        shown = harmless_lines(message.replace("\n", " "))
        self.exit(Exit.USAGE, f"{self.prog}: {shown}{end}\n")


class _Formatter(argparse.HelpFormatter):
    """Of fixed width: asking for the terminal's costs every report 4 ms of imports."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=78)


def overview() -> argparse.ArgumentParser:
    """What `kmodtop --help` prints."""
    verbs = "\n".join(f"  {verb:<10} {text}" for verb, text in VERBS.items())
    top = _Parser(
        prog="kmodtop",
        usage="kmodtop [VERB] [SOURCE] [options]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Shows the kernel's module loading statistics: what fails, what grows,\n"
        f"how much virtual memory it wastes.\n\nverbs:\n{verbs}",
        epilog="SOURCE is a file, - for standard input, or nothing for\n"
        "/sys/kernel/debug/modules/stats.  kmodtop VERB --help tells more.",
    )
    _version(top)
    return top


def parser(verb: str) -> argparse.ArgumentParser:
    """The options of one verb."""
    one = _Parser(
        prog=f"kmodtop {verb}",
        description=f"kmodtop {verb}: {VERBS[verb]}.",
        formatter_class=_Formatter,
    )
    _OPTIONS[verb](one)
    _common(one)
    return one


def _version(one: argparse.ArgumentParser) -> None:
    one.add_argument("--version", action="version", version=f"kmodtop {__version__}")


def _common(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--bytes", choices=UNITS, default="iec", help="how sizes are written (iec)")
    sub.add_argument("--ascii", action="store_true", help="nothing but ASCII characters")
    sub.add_argument("--no-color", action="store_true", help="no colours (as NO_COLOR does)")
    _version(sub)
    sub.add_argument(
        "--as", dest="user", metavar="USER", help="whom to become when root is given up"
    )
    sub.add_argument(
        "--theme",
        choices=("auto", "light", "colour-blind", "plain"),
        default="auto",
        help="colours (auto: the terminal's own)",
    )
    sub.add_argument("--low-bandwidth", action="store_true", help="sends less to the terminal")
    sub.add_argument("--sudo", action="store_true", help="on another host read by sudo -n")
    sub.add_argument(
        "--risk-panic",
        action="store_true",
        help="read on even where panic_on_warn is set and the table is near its limit",
    )


def _watch(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("source", nargs="*", help="file, ssh://host, or - for standard input")
    sub.add_argument("--hosts", metavar="FILE", help="more sources, one a line")
    sub.add_argument(
        "--interval",
        type=_interval,
        default=1.0,
        metavar="SECONDS",
        help="seconds between readings (1, at least 0.1)",
    )
    sub.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="X",
        help="how much faster than it was taken a recording is played (1)",
    )
    sub.add_argument("--record", metavar="FILE", help="also record what is seen")


def _report(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("source", nargs="*", help="files, or - for standard input")
    sub.add_argument("--format", choices=("text", "json"), default="text")
    sub.add_argument("-o", dest="output", metavar="FILE", help="write there instead of stdout")


def _follow(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("source", nargs="?", help="file, ssh://host, or - for standard input")
    sub.add_argument("--format", choices=("text", "json"), default="text")
    sub.add_argument("--count", type=_count, metavar="N", help="ends after so many lines")
    sub.add_argument(
        "--interval", type=_interval, default=1.0, metavar="SECONDS",
        help="seconds between readings (1, at least 0.1)",
    )  # fmt: skip
    sub.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="how fast a recording is played (1)"
    )


def _diff(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("a", metavar="A", help="the older one: a file, a recording, or -")
    sub.add_argument("b", metavar="B", help="the newer one")
    sub.add_argument("--format", choices=("text", "json"), default="text")
    sub.add_argument("-o", dest="output", metavar="FILE", help="write there instead of stdout")
    sub.add_argument(
        "--across-boots",
        action="store_true",
        help="put levels side by side (done by itself for recordings of two boots)",
    )
    sub.add_argument(
        "--exit-code", action="store_true", help="end with 1 when there is a difference"
    )


def _replay(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("source", metavar="RECORDING")
    sub.add_argument("--boot", type=int, metavar="N", help="which boot, from 1 (the last)")
    sub.add_argument(
        "--at", metavar="TIME", help="stand still at a time: 12.5 (seconds since boot) or 12:03:10"
    )
    sub.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="how fast it plays (1)")


def _record(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("source", nargs="?", help="file, or - for standard input")
    sub.add_argument("-o", dest="output", metavar="FILE", help="recording to append to")
    sub.add_argument(
        "--install-hints", action="store_true", help="how to make a boot record itself"
    )
    sub.add_argument("--duration", type=_duration, metavar="SECONDS", help="ends after that time")
    sub.add_argument(
        "--interval",
        type=_interval,
        default=0.1,
        metavar="SECONDS",
        help="between readings while counters move (0.1); slower when quiet",
    )
    sub.add_argument(
        "--max-size",
        type=_size,
        metavar="SIZE",
        help="oldest boots go first when the file grows larger (10MiB, 1.5GB; at least 100KiB)",
    )
    sub.add_argument(
        "--mode", type=_mode, default=0o600, metavar="OCTAL", help="permissions of a new file (600)"
    )


def _export(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("source", metavar="RECORDING")
    sub.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    sub.add_argument("-o", dest="output", metavar="FILE", help="write there instead of stdout")


def _load_choice(sub: argparse.ArgumentParser) -> None:
    from kmodtop_core.simulation.eras import ERAS

    sub.add_argument("--era", choices=tuple(ERAS), help="how the kernel treats duplicates")
    sub.add_argument("--cpus", type=_cpus, metavar="N", help="another number of CPUs")
    sub.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another course of chance (1)"
    )


def _demo(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("scenario", nargs="?", default="big-255", help="name or TOML file (big-255)")
    _load_choice(sub)
    sub.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="how fast it plays (1)")


def _simulate(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("scenario", nargs="?", help="name or TOML file")
    _load_choice(sub)
    sub.add_argument("--events", metavar="FILE", help="play a list of load events instead")
    sub.add_argument("--to", metavar="FILE", help="keep writing a stats file, to be watched")
    sub.add_argument("--record", metavar="FILE", help="write a series, to be watched later")
    pace = sub.add_mutually_exclusive_group()
    pace.add_argument("--realtime", action="store_true", help="at the pace of the demo")
    pace.add_argument("--speed", type=_speed, metavar="X", help="so many times as fast")
    sub.add_argument("--compare", action="store_true", help="every era, on a range of CPUs")
    sub.add_argument("--format", choices=("text", "json", "stats"), help="of what is printed")


def _doctor(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "source", nargs="?", help="file, ssh://host, sim:SCENARIO, or - for standard input"
    )


_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "watch": _watch,
    "report": _report,
    "diff": _diff,
    "follow": _follow,
    "replay": _replay,
    "record": _record,
    "export": _export,
    "demo": _demo,
    "simulate": _simulate,
    "doctor": _doctor,
}


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


def _speed(text: str) -> float:
    return _number(text, 0.01, "a speed")
