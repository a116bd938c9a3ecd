"""Boots to be played."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..errors import Exit, SourceError, Trouble
from ..machine.facts import Machine
from ..sample import Item
from ..sources.bounded import read_path
from .kinds import Kind, kind_of

if TYPE_CHECKING:
    from ..recording.reading import Recording
    from ..recording.recorder import Recorder


def open_played(path: str, version: str) -> "Recording":
    """The recording; a series or a bundle as one. Raises SourceError, also for an empty one."""
    from ..recording.ending import nothing_read
    from ..recording.upgrade import open_indexed
    from ..sources.series import read_series

    kind = kind_of(path, Machine())
    if kind is Kind.TRACED:
        raise nothing_yet(path)
    if kind is Kind.RECORDING:
        recording = open_indexed(path)
    elif kind is Kind.BUNDLE:
        from ..sources.bundle import read_pieces

        return recording_of(read_pieces(path), path, version)
    else:
        recording = _in_memory(read_series(read_path(path, Machine()), path), version).recording
    if not recording.boots():
        raise nothing_read(path)
    return recording


def recording_of(pieces: Mapping[str, bytes], path: str, version: str) -> "Recording":
    """A bundle's pieces as a recording in memory. Raises SourceError where they hold no text."""
    from ..sources import bundle

    items = bundle.needed(pieces, path)
    recorder = _in_memory(items, version)
    recorder.keep(bundle.evidence_of(pieces))
    for heard in bundle.events_of(pieces):
        recorder.hear(heard)
    return recorder.recording


def _in_memory(items: Iterable[Item], version: str) -> "Recorder":
    from ..recording.recorder import in_memory

    recorder = in_memory(version)
    for item in items:
        recorder.write(item)
    recorder.note_stay()
    return recorder


def nothing_yet(path: str) -> SourceError:
    """For a trace that is to begin."""
    what = "begins with the present moment, so that there is nothing in it yet"
    fix = "record it first: kmodtop record --source trace -o FILE"
    return SourceError(Trouble("no-span", what, fix, path.rstrip(":")), Exit.USAGE)


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
