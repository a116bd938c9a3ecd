"""How a recording ends: its last boot, for those who want no more of it."""

from ..errors import Exit, SourceError, Trouble
from ..sample import Item, Sample
from .reading import Boot, Recording


def last_items(path: str) -> tuple[Item, ...]:
    """The items of the last boot. Raises SourceError."""
    recording, boot = _last_boot(path)
    try:
        return tuple(recording.items(boot))
    finally:
        recording.close()


def last_text(path: str) -> Sample:
    """The last text, as the last look found it. Raises SourceError."""
    recording, boot = _last_boot(path)
    kept = recording.last_sample(boot, float("inf"))
    recording.close()
    item = kept.look(kept.until) if kept else None
    if not isinstance(item, Sample):
        raise nothing_read(path)
    return item


def _last_boot(path: str) -> tuple[Recording, Boot]:
    recording = Recording(path)
    boots = recording.boots()
    if not boots:
        recording.close()
        raise nothing_read(path)
    return recording, boots[-1]


def nothing_read(path: str) -> SourceError:
    """For a recording without a text."""
    why = Trouble("no-boot", "nothing has been read yet", "take another file", path)
    return SourceError(why, Exit.NO_STATISTICS)
