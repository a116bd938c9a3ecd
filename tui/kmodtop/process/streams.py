"""The standard streams: there from the start, never a traceback, nothing raw on them.

stdout is data, stderr is narration. A stream that was closed when the program
started is /dev/null, so that no file that is opened later gets its number.
"""

import os
import select
import sys
from contextlib import suppress

from kmodtop_core.plain import harmless_lines

_PATIENCE_MS = 200
"""Milliseconds that the last sentence waits for a terminal to take it."""


def make_ready() -> None:
    """Opens /dev/null in the place of each standard stream that is missing.

    Has to run before anything else is opened (open(2) gives the lowest number that is free).
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            fd = os.open(os.devnull, os.O_RDWR)
            if fd != number:
                os.dup2(fd, number)
                os.close(fd)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            stream = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def say(sentence: str) -> None:
    """One sentence on stderr. One that nobody can read any more is dropped."""
    with suppress(OSError, ValueError):
        encoding = sys.stderr.encoding or "ascii"
        text = f"kmodtop: {harmless_lines(sentence)}\n"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()


def leave_behind(sentence: str) -> None:
    """One sentence on the terminal that stdout is, after a screen was given back; dropped where
    that takes nothing, as its flow is stopped or its line is slow."""
    poll = select.poll()
    with suppress(OSError, ValueError):
        poll.register(1, select.POLLOUT)
        if any(event & select.POLLOUT for _, event in poll.poll(_PATIENCE_MS)):
            encoding = sys.stdout.encoding or "ascii"
            text = f"kmodtop: {harmless_lines(sentence)}\n"
            os.write(1, text.encode(encoding, "backslashreplace"))


def flush() -> None:
    """Hands on what was printed. Raises OSError."""
    sys.stdout.flush()


def discard() -> None:
    """What is still to be printed goes nowhere, so that Python does not try it at its end.

    Without that a reader who has gone turns the exit status into 120.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, stream.fileno())
                os.close(null)


def is_terminal(number: int) -> bool:
    """Whether the descriptor is a terminal."""
    try:
        return os.isatty(number)
    except OSError:
        return False
