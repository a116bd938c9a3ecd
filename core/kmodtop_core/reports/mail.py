"""A report that survives mail: ASCII, at most 72 columns, no line that git or a mailer eats."""

import re
import textwrap
from collections.abc import Iterator

from ..plain import to_ascii

WIDTH = 72

_EATEN = re.compile(r"^(?:>*From |---|diff |Index: |\.|>|#|~~|-- ?$|\+\+\+|@@)")
"""What mbox readers, git-am(1), git-mailinfo(1), SMTP and quoting make something else of."""


_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_HANG = re.compile(r"(?:- |(?:what|when|who|evidence|against|next) +)")
_COMMAND = re.compile(r" {4}\S")
"""How the line of a command begins, and no other."""


def to_mail(text: str) -> str:
    """The report as the body of a mail."""
    lines = [part for line in to_ascii(text).splitlines() for part in _wrapped(line.rstrip())]
    return "".join(f"{_kept(line)}\n" for line in lines)


def _wrapped(line: str) -> Iterator[str]:
    """The line in parts; a table keeps its columns, and a command stays whole where it fits."""
    if len(line) <= WIDTH:
        yield line
    elif _COMMAND.match(line):
        yield from _command(line.strip())
    elif len(_GAP.findall(line.lstrip())) > 1:
        yield from _row(line)
    else:
        indent = len(line) - len(line.lstrip())
        hang = _HANG.match(line.lstrip())
        later = indent + (len(hang[0]) if hang else 0)
        yield from textwrap.wrap(
            line, WIDTH - 1, subsequent_indent=" " * later, break_on_hyphens=False
        )


def _row(line: str) -> Iterator[str]:
    """A row of a table: what does not fit beside the others stands below."""
    cuts = [gap.start() for gap in _GAP.finditer(line) if 0 < gap.start() <= WIDTH]
    yield line[: cuts[-1]].rstrip()
    rest = line[cuts[-1] :].strip()
    yield from textwrap.wrap(rest, WIDTH - 1, initial_indent=" " * 12, subsequent_indent=" " * 12)


def _command(line: str) -> Iterator[str]:
    """A command by itself, so that it can be pasted."""
    if len(line) < WIDTH:
        yield f" {line}"
    else:
        yield from textwrap.wrap(line, WIDTH, break_long_words=True, break_on_hyphens=False)


def _kept(line: str) -> str:
    return f" {line}" if _EATEN.match(line) else line
