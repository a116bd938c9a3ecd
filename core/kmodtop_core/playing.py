"""What can be played: recordings, and series of samples, each with its boots."""

import sqlite3

from .errors import Exit, SourceError, Trouble
from .index import index
from .machine import Machine
from .recorder import in_memory
from .recording import Recording
from .sources.bounded import read_path
from .sources.opening import is_recording
from .sources.series import nothing_read, read_series


def open_played(path: str, version: str) -> Recording:
    """The recording, or a series as one. Raises SourceError, also when it holds nothing."""
    if is_recording(path):
        recording = Recording(path)
        try:
            index(recording)
        except sqlite3.Error as error:
            raise recording.store.damaged(f"can't be indexed: {error}") from None
    else:
        machine = Machine()
        recorder = in_memory(version)
        for item in read_series(read_path(path, machine), path).items:
            recorder.write(item)
        recorder.note_stay()
        recording = recorder.recording
    if not recording.boots():
        raise nothing_read(path)
    return recording


def choose_boot(recording: Recording, number: int | None, path: str) -> int:
    """The boot's number, from 1; the last unless one was asked for. Raises SourceError."""
    count = len(recording.boots())
    number = count if number is None else number
    if not 1 <= number <= count:
        told = f"it has {count} boot{'s' if count > 1 else ''}"
        raise SourceError(Trouble("no-boot", told, "choose another with --boot", path), Exit.USAGE)
    return number
