"""Scene: all that a picture is made of, handed to every panel."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kmodtop_core.diagnosis.finding import Answer
from kmodtop_core.sources.base import Means
from kmodtop_core.stats.values import STAGES
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import Past
from kmodtop_core.tracking.rows import Row

from .rows import Waste, rows_shown, wastes
from .view import Look, View


class HostRow(NamedTuple):
    """What there is of a host. `frame` is None before anything came; `overdue` seconds.

    `past` is a reader of what was before the frame.
    """

    label: str
    frame: Frame | None
    overdue: float = 0.0
    ended: bool = False
    past: Past | None = None
    answer: Answer | None = None


class Scene(NamedTuple):
    """A frame, what was before it, and the view of both.

    `latest`: the newest frame, where another is shown. `whole`: a reader of all of a recording,
    also of what comes later, where one is moved about in. `sorted` and `known`: the rows as they
    are shown, and what each module wasted, where that is known already.
    """

    frame: Frame | None
    past: Past
    view: View
    latest: Frame | None = None
    whole: Past | None = None
    hosts: tuple[HostRow, ...] = ()
    sorted: tuple[Row, ...] | None = None
    known: Mapping[str, Waste] | None = None

    def prepared(self) -> "Scene":
        """With what several panels need, found out once."""
        known = self.wastes
        made = self._replace(known=known)
        return made._replace(sorted=tuple(made.rows))

    @property
    def rows(self) -> Sequence[Row]:
        """The modules of the table, in the order in which they are shown."""
        if self.sorted is not None:
            return self.sorted
        return rows_shown(self.frame, self.view, self.wastes) if self.frame is not None else ()

    @property
    def wastes(self) -> Mapping[str, Waste]:
        """What each module wasted, as far as it is known."""
        if self.known is not None:
            return self.known
        return wastes(self.frame, self.view) if self.frame is not None else {}

    @property
    def look(self) -> Look:
        """How it is shown."""
        return self.view.look

    @property
    def reach(self) -> Past:
        """What the chart can show."""
        return self.past if self.whole is None else self.whole

    @property
    def is_unchanged(self) -> bool:
        """Whether the source is a file that has said the same since the first reading."""
        frame, means = self.frame, self.view.situation.source.means
        if frame is None or frame.block is None or self.view.situation.deck is not None:
            return False
        return means in (Means.WATCHED, Means.LOOKED_AT) and not frame.since_start.deltas

    @property
    def is_static(self) -> bool:
        """Whether there is one text with failures in it, and nothing has grown since."""
        frame = self.frame
        if frame is None or frame.block is None or self.view.situation.deck is not None:
            return False
        if not frame.block.stats.failed_requests or self.view.situation.demo is not None:
            return False
        grown = frame.since_start.deltas
        return not any(grown.get(stage.failures, 0) for stage in STAGES)
