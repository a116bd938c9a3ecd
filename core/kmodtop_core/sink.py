"""Sink: a recording, and what it has not taken yet, while the disk is full or still read-only."""

import errno
import os
import sqlite3
from collections import deque
from collections.abc import Callable

from .machine import Machine
from .plain import harmless
from .recorder import Recorder, default_folder
from .sample import Item, SourceError, Why

_TAIL = 20_000
"""Items that are kept in memory while the disk takes none."""

_SHRINK_EVERY = 100
"""Changes between looks at how large the file is."""


class Sink:
    """Writes items into the recording at `path`, in order; those that can't be written yet wait.

    `tell` gets a sentence when writing fails, and when it goes on. Raises SourceError at once
    for a place that will never be writable. `most`: bytes that the file may have.
    """

    def __init__(
        self,
        path: str,
        version: str,
        tell: Callable[[str], None],
        machine: Machine,
        most: int | None = None,
    ) -> None:
        self.path, self._version, self._tell_person = path, version, tell
        self._cmdline, self._most = machine.read("/proc/cmdline"), most
        self._waiting: deque[Item] = deque(maxlen=_TAIL)
        self._recorder: Recorder | None = None
        self._told = False
        self.changes = 0
        self._open()

    def _open(self) -> Recorder | None:
        if self._recorder is None:
            try:
                self._make_folder()
                self._recorder = Recorder(self.path, self._version, self._cmdline)
            except SourceError as error:
                if error.why.code != "read-only":
                    raise
                self._tell(error.why.sentence)
        return self._recorder

    def _make_folder(self) -> None:
        """Of the default place only: elsewhere a missing folder is a mistake."""
        if os.path.dirname(self.path) == state_folder():
            try:
                os.makedirs(state_folder(), mode=0o755, exist_ok=True)
            except OSError as error:
                code = "read-only" if error.errno == errno.EROFS else "unwritable"
                why = f"{harmless(self.path)}: can't be made ({error.strerror}); use -o"
                raise SourceError(Why(code, why)) from None

    def has_boot(self, boot_id: str | None) -> bool:
        """Whether the recording knows that boot already."""
        boots = self._recorder.recording.boots() if self._recorder else []
        return boot_id is not None and any(boot.boot_id == boot_id for boot in boots)

    def write(self, item: Item) -> int:
        """Writes the item after all that waits; returns the number of changes written."""
        self._waiting.append(item)
        changes = 0
        try:
            recorder = self._open()
            while recorder is not None and self._waiting:
                changes += recorder.write(self._waiting[0])
                self._waiting.popleft()
            self._shrink(changes)
        except sqlite3.Error as error:
            self._tell(f"{harmless(self.path)}: can't be written ({error})")
            return changes
        if recorder is not None and self._told:
            self._told = False
            self._tell_person(f"{harmless(self.path)}: can be written now")
        return changes

    def _shrink(self, changes: int) -> None:
        """Lets the oldest boots go."""
        before, self.changes = self.changes, self.changes + changes
        if (
            self._most
            and self._recorder
            and before // _SHRINK_EVERY != self.changes // _SHRINK_EVERY
        ):
            self._recorder.shrink(self._most)

    def _tell(self, why: str) -> None:
        if not self._told:
            self._tell_person(f"{why}; {_TAIL:,} readings are kept until then")
        self._told = True

    def close(self) -> None:
        """Writes what still waits, and notes the end; what is lost is told."""
        try:
            while self._recorder is not None and self._waiting:
                self.changes += self._recorder.write(self._waiting[0])
                self._waiting.popleft()
            if self._recorder is not None:
                self._recorder.close()
        except sqlite3.Error as error:
            self._tell_person(f"{harmless(self.path)}: can't be written ({error})")
        if self._waiting:
            self._tell_person(f"{harmless(self.path)}: {len(self._waiting):,} readings are lost")


def state_folder() -> str:
    """Where this user's recordings lie."""
    home = os.path.expanduser("~")
    return default_folder(home, os.geteuid() == 0, os.environ.get("XDG_STATE_HOME"))


def default_path() -> str:
    """The recording that is written, and looked for, when none is named."""
    return os.path.join(state_folder(), "recording.db")
