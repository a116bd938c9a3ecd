"""Signals: which of them end a program, and how; those ignored at the start stay ignored.

nohup(1) and shells without job control start programs with signals ignored; a
program that installs a handler then takes what was meant to be kept from it.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""Signals after which work is finished in good order; the exit status is 128 and their number."""

_LETHAL = (
    "SIGQUIT", "SIGABRT", "SIGXCPU", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF",
    "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGSYS", "SIGTRAP",
)  # fmt: skip
LETHAL = (
    *(getattr(signal, name) for name in _LETHAL if hasattr(signal, name)),
    *range(signal.SIGRTMIN, signal.SIGRTMAX + 1),
)
"""Others that end a process unless it handles them (signal(7))."""

Handler = Callable[[int, FrameType | None], object]


def handle(numbers: Iterable[int], handler: Handler) -> None:
    """Installs the handler for those that were not ignored when the program started."""
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def end_by(number: int) -> NoReturn:
    """Ends as the signal ends a process that does not handle it."""
    signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # were it ignored after all


class Ended(BaseException):
    """A signal has come that ends the program, in good order."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def unwinding() -> Iterator[None]:
    """Within, such a signal raises Ended, so that what was begun is ended: children first of all.

    Not to be used around imports, which may swallow it.
    """
    before = {number: signal.getsignal(number) for number in ENDINGS}

    def unwind(number: int, frame: FrameType | None) -> NoReturn:
        raise Ended(number)

    handle(ENDINGS, unwind)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
