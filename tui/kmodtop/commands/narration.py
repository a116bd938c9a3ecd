"""What a verb without a screen says on stderr, and how it ends when nothing has come."""

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.sources.base import Detouring, Source
from kmodtop_core.tracking.frame import Frame

from ..process.streams import say


def refuse_nothing(frame: Frame | None, name: str) -> None:
    """Raises SourceError when no statistics have come, with the exit status for that."""
    if frame is not None and frame.block is None and frame.gap is not None:
        nothing = frame.gap.why.code in ("not-stats", "waiting", "half-written")
        why = frame.gap.why
        why = Trouble(why.code, why.what, why.fix, why.subject or name)
        raise SourceError(why, Exit.NO_STATISTICS if nothing else Exit.UNREADABLE)


class DetourTold:
    """Says once on stderr when a source is no longer read as it should be, or when who asks
    cannot be heard as it was wanted."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._told: Trouble | None = None
        self._blame = ""

    def look(self) -> None:
        """Says what is new."""
        blame = getattr(self._source, "told", None) or ""
        if blame != self._blame:
            self._blame = blame
            say(blame)
        if not isinstance(self._source, Detouring) or self._source.detour == self._told:
            return
        self._told = self._source.detour
        if self._told is not None:
            say(self._told.sentence)
