"""Man pages, made of the table of words: kmodtop(1), and one a verb. See man-pages(7)."""

import argparse
import textwrap
from collections.abc import Iterator

from kmodtop import __version__
from kmodtop.cli import parser
from kmodtop.words import EXAMPLES, VERBS, words_of
from kmodtop.words.about import ABOUT

_STATUSES = (
    ("0", "done"),
    ("1", "a limit of check was exceeded, or diff \\-\\-exit\\-code found a difference"),
    ("2", "wrong usage"),
    ("3", "the source cannot be read, or readings were lost"),
    ("4", "the source was read, and holds no module statistics"),
    ("70", "a fault of kmodtop itself"),
    ("129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM"),
)
_SOURCES = (
    ("(nothing)", "/sys/kernel/debug/modules/stats; by tracing, where the kernel has no such file"),
    ("PATH", "a file, a pipe, a recording, a bundle of evidence; known by its content"),
    ("\\-", "standard input"),
    ("ssh://[user@]host[:port][/path]", "the file on another host, by ssh(1)"),
    ("sim:SCENARIO", "the simulator"),
    ("trace:", "the same statistics counted by tracing"),
)
_ENVIRONMENT = (
    ("NO_COLOR", "where it is not empty, no colours"),
    ("XDG_CONFIG_HOME, XDG_CONFIG_DIRS", "folders of kmodtop/config.toml, see kmodtop\\-config(1)"),
    ("XDG_STATE_HOME", "folder of kmodtop/, where recordings and pictures are written"),
    ("TERM, LC_ALL, LC_CTYPE, LANG", "what the terminal can show"),
)
_FILES = (
    ("/sys/kernel/debug/modules/stats", "the kernel's statistics (CONFIG_MODULE_STATS, from 6.4)"),
    ("/var/lib/kmodtop/recording.db", "the recording of the system"),
    ("/etc/xdg/kmodtop/config.toml, ~/.config/kmodtop/config.toml", "settings"),
)


def pages(date: str) -> dict[str, str]:
    """The text of each page, by its file's name; `date` as 2026-11-28."""
    found = {f"kmodtop-{verb}.1": "\n".join(_of_verb(verb, date)) + "\n" for verb in VERBS}
    return {"kmodtop.1": "\n".join(_of_program(date)) + "\n"} | found


def _of_program(date: str) -> Iterator[str]:
    yield from _head("kmodtop", "view of the kernel's module loading statistics", date)
    yield from (".SH SYNOPSIS", ".B kmodtop", "[\\fIVERB\\fR] [\\fISOURCE\\fR] [\\fIoptions\\fR]")
    yield ".SH DESCRIPTION"
    yield _text(
        "Shows which module loads failed, when, how much virtual memory they wasted, and who is"
        " likely to blame: userspace or the kernel's autoloading."
    )
    yield from (".SH VERBS", *_listed((f"kmodtop\\-{v}(1)", _text(t)) for v, t in VERBS.items()))
    for title, entries in (
        ("SOURCES", _SOURCES),
        ("EXIT STATUS", _STATUSES),
        ("ENVIRONMENT", _ENVIRONMENT),
        ("FILES", _FILES),
    ):
        yield from (f".SH {title}", *_listed(entries))
    yield from (".SH SEE ALSO", ".BR modprobe (8),", ".BR udevadm (8),", ".BR lsmod (8)")


def _of_verb(verb: str, date: str) -> Iterator[str]:
    yield from _head(f"kmodtop-{verb}", VERBS[verb], date)
    usage = parser(verb).format_usage().removeprefix("usage: ")
    yield from (".SH SYNOPSIS", ".nf", *(_text(line.strip()) for line in usage.splitlines()), ".fi")
    yield ".SH DESCRIPTION"
    for number, paragraph in enumerate(ABOUT[verb]):
        yield from ([".PP"] if number else [])
        yield from map(_text, textwrap.wrap(paragraph, 78))
    yield from (".SH OPTIONS", *_listed(_words(verb)))
    yield ".SH EXAMPLES"
    for command, about in EXAMPLES[verb]:
        yield from (".PP", _text(about[:1].upper() + about[1:]) + ":", ".PP", ".nf", ".RS 4")
        yield from (_text(command), ".RE", ".fi")
    yield from (".SH EXIT STATUS", *_listed(_STATUSES), ".SH SEE ALSO", ".BR kmodtop (1)")


def _head(name: str, about: str, date: str) -> Iterator[str]:
    yield f'.TH {name.upper()} 1 "{date}" "kmodtop {__version__}" "User Commands"'
    yield from (".SH NAME", f"{_text(name)} \\- {_text(about)}")


def _listed(entries: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    for term, text in entries:
        yield from (".TP", f"\\fB{term}\\fR", text)


def _words(verb: str) -> Iterator[tuple[str, str]]:
    for names, given in words_of(verb):
        if given.get("help") == argparse.SUPPRESS:
            continue
        choices = given.get("choices")
        listed = f"{{{','.join(map(str, choices))}}}" if choices else ""
        value = given.get("metavar") or listed
        if not names[0].startswith("-"):
            term = _text(str(given.get("metavar") or names[0]).upper())
        elif "action" in given or not value:
            term = _text(", ".join(names))
        else:
            term = f"{_text(', '.join(names))} \\fI{_text(str(value))}"
        yield term, _text(str(given.get("help") or _UNTOLD.get(names[0], "")))
    yield "\\-h, \\-\\-help", "shows the options"


_UNTOLD = {
    "--format": "of what is printed",
    "--version": "shows the version",
    "source": "what is read, see SOURCES of kmodtop(1)",
    "shell": "bash, zsh or fish",
}


def _text(text: str) -> str:
    """As roff takes it (groff(7), Escape Sequences)."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("’", "'").replace("…", "...")
    plain = plain.replace("←", "<\\-").replace("→", "\\->")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
