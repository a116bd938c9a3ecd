"""Opening what needs root, then giving root up; connecting to other hosts."""

import os
from collections.abc import Sequence

from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.machine.access import why_unreadable
from kmodtop_core.machine.facts import Machine
from kmodtop_core.machine.privileges import give_up, will_change
from kmodtop_core.sources.base import Connecting, Holding, Means, Source

from ..process.signals import unwinding


def lower(source: Source, user: str | None) -> str:
    """Becomes the calling user; returns who this is now, where that is to be shown.

    Raises SourceError, also when that user cannot read the source.
    """
    hold([source], user)
    path = source.label
    was_there = source.means == Means.WATCHED and os.path.exists(path)
    who = give_up(user)
    if was_there and not os.access(path, os.R_OK, effective_ids=True):  # by capabilities, too
        if not who:
            raise SourceError(why_unreadable(path, PermissionError(), Machine()))
        fix = "use --as root to stay root"
        raise SourceError(Trouble("no-permission", f"cannot be read {who}", fix, path))
    return who


def hold(sources: Sequence[Source], user: str | None) -> None:
    """Opens what needs root, where root is about to be given up. Raises SourceError."""
    if will_change(user):
        for source in sources:
            if isinstance(source, Holding):
                source.hold()


def connect(source: Source) -> None:
    """The first connection, where a source has one; a signal ends it. Raises SourceError."""
    if isinstance(source, Connecting):
        with unwinding():
            source.connect()
