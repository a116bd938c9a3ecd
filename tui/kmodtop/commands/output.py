"""Where a verb's text goes: stdout, or the file that was asked for."""

import argparse
import os
import sys

from kmodtop_core.errors import SourceError, Trouble


def deliver(text: str, args: argparse.Namespace) -> None:
    """To stdout, or into the file that was asked for. Raises SourceError."""
    if args.ascii:
        text = to_ascii(text)
    if args.output is None:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
        return
    refuse_own_input(args)
    try:
        with open(args.output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise unwritable(args.output, error) from None


def refuse_own_input(args: argparse.Namespace) -> None:
    """Writing over what was read would destroy it. Raises SourceError."""
    given = (getattr(args, name, None) for name in ("source", "a", "b"))
    names = [name for one in given for name in (one if isinstance(one, list) else [one]) if name]
    for name in names:
        both = os.path.exists(name) and os.path.exists(args.output)
        if both and os.path.samefile(name, args.output):
            fix = "choose another file to write"
            raise SourceError(Trouble("own-input", "is what was read", fix, args.output), 2)


def unwritable(path: str, error: OSError) -> SourceError:
    """For a file that can't be written."""
    what = f"can't be written ({error.strerror})"
    return SourceError(Trouble("unwritable", what, "choose another file", path))


_ASCII: dict[str, str | int | None] = {
    "“": '"',
    "”": '"',
    "–": "-",
    "−": "-",
    "×": "x",
    "…": "~",
    "→": ">",
}


def to_ascii(text: str) -> str:
    """The nearest that ASCII has; other characters are spelt as escapes."""
    plain = text.translate(str.maketrans(_ASCII))
    return plain.encode("ascii", "backslashreplace").decode("ascii")
