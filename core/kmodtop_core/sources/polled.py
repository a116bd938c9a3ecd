"""Files that change without telling: of debugfs, other pseudo file systems, other hosts.

Neither inotify, mtime nor size says anything there, so they are read on a
timer: one pread of a kept-open descriptor, which gives a fresh and whole text
where small reads tear (kernel.md, captures/torn).
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress

from ..errors import SourceError, Trouble
from ..machine.access import why_unreadable
from ..machine.facts import Machine, filesystem
from ..plain import harmless
from ..sample import NOWHERE, Gap, Host, Item, Sample, Told
from .base import Means, Stop, now
from .bounded import open_file, pread_all
from .pacing import Pace
from .panic_guard import Guard
from .turns import Rest, Step, alone

_SIBLINGS = ("failed_becoming", "failed_load_modules")


class PolledFile:
    """Reads `path` every `interval` seconds.

    While the file cannot be read it yields gaps with the reason and keeps trying.
    `slowest`: seconds between readings at most, when nothing moves.
    `risk_panic` reads on even where that can panic the machine.
    """

    means = Means.POLLED

    def __init__(
        self,
        path: str,
        interval: float,
        machine: Machine,
        risk_panic: bool = False,
        slowest: float | None = None,
    ) -> None:
        self.label = path
        self._path, self._interval, self._machine = path, interval, machine
        self._risk_panic = risk_panic
        self._slowest = slowest
        self._fd = -1
        self._local = False
        self._held = False
        self._too_late: Trouble | None = None
        self._siblings: list[int] = []
        self._guard = Guard(path, self._failures)

    def hold(self) -> None:
        """Opens the file and its siblings: root is about to be given up."""
        if self._held:
            return
        try:
            self._reopen_if_replaced()
        except (SourceError, OSError) as error:
            why = (
                error.why
                if isinstance(error, SourceError)
                else why_unreadable(self._path, error, self._machine)
            )
            fix = "then start kmodtop again, as it has given up root"
            self._too_late = Trouble("given-up", why.what, f"{why.fix}; {fix}", why.subject)
            return
        self._held = True
        folder = os.path.dirname(self._path)
        for name in _SIBLINGS:
            with suppress(OSError):  # without them panic_on_warn goes by the table alone
                flags = os.O_RDONLY | os.O_CLOEXEC
                self._siblings.append(os.open(os.path.join(folder, name), flags))

    def items(self, stop: Stop) -> Iterator[Told]:
        """A Sample or a Gap every interval; more seldom, up to `slowest`, while nothing moves."""
        return alone(self.steps(), stop)

    def steps(self) -> Iterator[Step]:
        """The same, with the rests between."""
        due, pace = now().uptime, Pace(self._interval, self._slowest)
        try:
            while True:
                item = self.read()
                yield item
                due = max(due + pace.after(item), now().uptime)
                yield Rest(due - now().uptime)
        finally:
            self.close()

    def read(self) -> Item:
        """One look at the file."""
        panics = self._machine.panics_on_warn
        refusal = self._guard.refusal() if panics and not self._risk_panic else None
        refusal = refusal or self._too_late
        if refusal:
            return Gap(now(), refusal)
        try:
            self._reopen_if_replaced()
            begun = time.perf_counter()
            text = pread_all(self._fd, harmless(self._path))
            took = time.perf_counter() - begun
        except SourceError as error:
            return Gap(now(), error.why)
        except OSError as error:
            self.close()
            return Gap(now(), why_unreadable(self._path, error, self._machine))
        if panics:
            self._guard.note(text)
        else:
            self._guard.forget()
        return Sample(now(), text, self._host(), read_s=took)

    def close(self) -> None:
        """Gives the descriptor back."""
        if self._fd >= 0 and not self._held:
            os.close(self._fd)
            self._fd = -1

    def _host(self) -> Host:
        """This machine, for its kernel's own file only."""
        return self._machine.host if self._local else NOWHERE

    def _reopen_if_replaced(self) -> None:
        """Reopens the file when another one stands at its path (debugfs mounted again)."""
        if self._fd >= 0:
            try:
                there, mine = os.stat(self._path), os.fstat(self._fd)
            except OSError:
                if self._held:
                    return  # rights were given up after opening
                raise
            if (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino):
                return
            self.close()
        self._fd = open_file(self._path, self._machine)
        self._local = filesystem(self._path, self._machine) == "debugfs"

    def _failures(self) -> int:
        """Becoming plus load failures by the sibling files."""
        if self._siblings:
            texts = [os.pread(fd, 64, 0).decode("ascii", "replace") for fd in self._siblings]
        else:
            folder = os.path.dirname(self._path)
            texts = [self._machine.read(os.path.join(folder, name)) or "" for name in _SIBLINGS]
        return sum(int(text) for text in texts if text.strip().isdecimal())
