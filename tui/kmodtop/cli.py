"""The command line: words to a verb, errors to one sentence and an exit code.

Verbs are imported when they are called, so that none pays for another's imports.
"""

import argparse
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, NoReturn

from kmodtop_core.errors import Exit, SourceError
from kmodtop_core.plain import harmless_lines

from .process import signals, streams
from .words import EXAMPLES, EXCLUSIVE, VERBS, VERSION, words_of

_AT_ONCE = ("report", "export", "diff", "simulate", "doctor", "collect")
"""Verbs that become another user at once, if told to; the others open what needs root first."""

_UNSETTLED = ("config", "completion")
"""Verbs that take no defaults from files of settings."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb; returns the exit status."""
    streams.make_ready()
    code = _told(list(sys.argv[1:] if argv is None else argv))
    streams.discard()
    return code


def _told(argv: list[str]) -> int:
    """The exit status; whatever went wrong is reported in one sentence."""
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
    except ImportError as error:
        what = f"this Python has no {error.name or error}, which that needs"
        return complain(f"{what}; take one with its whole standard library", Exit.UNREADABLE)
    except (MemoryError, RecursionError):
        return complain("there is not enough memory for that; take a smaller file", Exit.UNREADABLE)
    except OSError as error:
        return complain(_about(error), Exit.UNREADABLE)
    except Exception as error:
        from .process import crash  # only here: it costs a report a tenth of its time

        return complain(crash.told(error), Exit.FAULT)
    return code


def _about(error: OSError) -> str:
    """An error that nobody nearer to it has reported: of a file, or of standard output."""
    reason = error.strerror or type(error).__name__
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "there are no file descriptors left; close files, or raise ulimit -n"
    if error.filename is not None:
        return f"{os.fsdecode(error.filename)}: cannot be used ({reason}); check the file"
    return f"standard output: cannot be written ({reason}); check where it goes"


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
    # --blame alone takes no other word, as an option with a value of its own would.
    before = ["--blame=opens" if word == "--blame" else word for word in words[:last]]
    marks = {f"\0{number}": word for number, word in enumerate(operands)}
    table = parser(verb)
    table.marks = marks
    args = table.parse_intermixed_args([*before, *marks])
    if known := _settled(verb, table, args, marks.get(args.config, args.config)):
        table.set_defaults(**known)
        args = table.parse_intermixed_args([*before, *marks])
    for name, value in vars(args).items():
        if isinstance(value, str):
            setattr(args, name, marks.get(value, value))
        elif isinstance(value, list):
            setattr(args, name, [marks.get(word, word) for word in value])
    return args


def _settled(
    verb: str, table: "_Parser", args: argparse.Namespace, named: str | None
) -> dict[str, Any]:
    """Defaults that a file of settings has for options that act in the verb. Limits on the
    command line take the place of those in the file. Raises SourceError for a file that was
    named, and for check, which must not pass by a limit that was not understood."""
    if verb in _UNSETTLED or (named is None and not _has_file()):
        return {}
    from .settings import LIMITS, SETTINGS, settings  # only here: most have no such file

    acting = set(table.acting)
    if not acting & {one.dest for one in SETTINGS if one.acts_in(verb)}:
        return {}
    tell = None if verb == "check" else streams.say
    found = settings(named, os.environ, tell).defaults(verb)
    is_limited = any(getattr(args, name, None) is not None for name in LIMITS)
    return {
        name: value
        for name, value in found.items()
        if name in acting and not (is_limited and name in LIMITS)
    }


def _has_file() -> bool:
    """Whether somebody has settled anything."""
    from kmodtop_core.machine.config_files import places

    return any(os.path.lexists(place.path) for place in places(os.environ))


def _misplaced(words: list[str]) -> str | None:
    """What somebody meant who wrote a verb in the wrong place, or wrongly."""
    named = words[: words.index("--")] if "--" in words else words
    for word in named:
        if word in VERBS and not os.path.lexists(word):
            return f"{word}: is a verb; write it first, kmodtop {word} ..."
    first = next((word for word in named if not word.startswith("-")), "")
    if not first or os.path.lexists(first) or "/" in first or ":" in first or "." in first:
        return None
    if first == "help":
        return "help: is no verb; kmodtop --help names all, kmodtop VERB --help shows one"
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
        from kmodtop_core.machine.privileges import give_up  # only here: it is seldom asked for

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

    marks: Mapping[str, str] = MappingProxyType({})
    """What stands for each operand after --; no complaint shows the mark itself."""

    def parse_known_intermixed_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Tells of an option that does not exist, and which one was probably meant."""
        if not any(word.startswith("-") and "h" in word for word in args):
            self.usage = ""  # only help shows it, and composing it costs a report a twentieth
        found, more = super().parse_known_intermixed_args(args, namespace)
        if more:
            self._unknown(more)
        return found, more

    @property
    def acting(self) -> Iterator[str]:
        """Names of what can be chosen, without what is only taken as a habit may be to give it."""
        return (one.dest for one in self._actions if one.help != argparse.SUPPRESS)

    def format_help(self) -> str:
        """With what the verb does, in paragraphs."""
        from textwrap import fill  # only here: who knows what it does has no use for it

        from .words.about import ABOUT

        verb = self.prog.partition(" ")[2]
        paragraphs = (fill(paragraph, 78) for paragraph in ABOUT.get(verb, ()))
        self.description = "\n\n".join(filter(None, (self.description, *paragraphs)))
        return super().format_help()

    def _unknown(self, words: list[str]) -> NoReturn:
        word = self.marks.get(words[0]) or words[0].partition("=")[0]
        near = nearest(word, self._option_string_actions)
        self.error(
            f"{word}: no such option or operand" + (f"; did you mean {near}?" if near else "")
        )

    def error(self, message: str) -> NoReturn:
        """Prints the sentence and ends with 2."""
        for mark, word in self.marks.items():
            message = message.replace(repr(mark), repr(word))
        end = "" if message.endswith("?") else f"; {self.prog} --help shows more"
        shown = harmless_lines(message.replace("\n", " "))
        self.exit(Exit.USAGE, f"{self.prog}: {shown}{end}\n")


class _Formatter(argparse.HelpFormatter):
    """Of fixed width: asking for the terminal's costs every report 4 ms of imports."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=78)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Examples stand as they are."""
        return text if "\n" in text else super()._fill_text(text, width, indent)


def _examples(verb: str) -> str:
    """Below a verb's help."""
    lines = (f"  {command}\n      {about}\n" for command, about in EXAMPLES[verb])
    return "examples:\n" + "".join(lines)


def overview() -> argparse.ArgumentParser:
    """What `kmodtop --help` prints."""
    verbs = "\n".join(f"  {verb:<11} {text}" for verb, text in VERBS.items())
    top = _Parser(
        prog="kmodtop",
        usage="kmodtop [VERB] [SOURCE] [options]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Shows the kernel's module loading statistics: what fails, what grows,\n"
        f"how much virtual memory it wastes.\n\nverbs:\n{verbs}",
        epilog="SOURCE is a file, - for standard input, or nothing for\n"
        "/sys/kernel/debug/modules/stats.  kmodtop VERB --help shows more.",
    )
    names, given = VERSION
    top.add_argument(*names, **given)
    return top


def parser(verb: str) -> _Parser:
    """The words of one verb."""
    one = _Parser(
        prog=f"kmodtop {verb}",
        description=f"kmodtop {verb}: {VERBS[verb]}.",
        epilog=_examples(verb),
        formatter_class=_Formatter,
    )
    exclusive = EXCLUSIVE.get(verb, ())
    either = one.add_mutually_exclusive_group() if exclusive else one
    for names, given in words_of(verb):
        to = either if names[0] in exclusive else one
        to.add_argument(*names, **given)
    return one
