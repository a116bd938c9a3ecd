"""Boots to be played."""

from typing import TYPE_CHECKING

from ..errors import Exit, SourceError, Trouble
from ..machine.facts import Machine
from ..sample import Events, Item
from ..sources.bounded import read_path
from .kinds import Kind, kind_of

if TYPE_CHECKING:
    from ..recording.reading import Recording


def open_played(path: str, version: str) -> "Recording":
    """The recording; a series or a bundle as one. Raises SourceError, also for an empty one."""
    from ..recording.ending import nothing_read
    from ..recording.recorder import in_memory
    from ..recording.upgrade import open_indexed
    from ..sources.series import read_series

    kind = kind_of(path, Machine())
    if kind is Kind.RECORDING:
        recording = open_indexed(path)
    else:
        items: tuple[Item, ...]
        pieces: dict[str, bytes] = {}
        events: list[Events] = []
        if kind is Kind.BUNDLE:
            from ..sources import bundle

            found = bundle.read_pieces(path)
            items = bundle.needed(bundle.items_of(found, path), path)
            pieces, events = bundle.evidence_of(found), bundle.events_of(found)
        else:
            items = read_series(read_path(path, Machine()), path)
        recorder = in_memory(version)
        for item in items:
            recorder.write(item)
        recorder.note_stay()
        recorder.keep(pieces)
        for heard in events:
            recorder.hear(heard)
        recording = recorder.recording
    if not recording.boots():
        raise nothing_read(path)
    return recording


def pieces_of(path: str) -> dict[str, bytes]:
    """The evidence that a bundle brings; none of other sources. Raises SourceError."""
    if kind_of(path, Machine()) is not Kind.BUNDLE:
        return {}
    from ..sources import bundle

    return bundle.evidence_of(bundle.read_pieces(path))


def choose_boot(recording: "Recording", number: int | None, path: str) -> int:
    """The boot's number, from 1; the last unless one was asked for. Raises SourceError."""
    count = len(recording.boots())
    number = count if number is None else number
    if not 1 <= number <= count:
        told = f"it has {count} boot{'s' if count > 1 else ''}"
        raise SourceError(Trouble("no-boot", told, "choose another with --boot", path), Exit.USAGE)
    return number
