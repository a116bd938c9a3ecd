"""Frame: everything that can be shown at a moment; frozen, and without the past."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ..errors import Trouble
from ..sample import Gap, Instant, Sample
from ..stats.block import Block, Warning
from .changes import NO_CHANGE, Change
from .rows import Anchor, Key, Row

DOUBTFUL = Trouble("half-written", "the file is being written", "the last whole text is shown")


UNSURE = Warning("half-written", "The file is being written; this is what was read of it.")
"""Of a first text, before which there is none that could be shown meanwhile."""


class Event(StrEnum):
    """What an item brought. The words are those of the JSON contract kmodtop.change/1."""

    FIRST = "first"
    SAME = "same"
    CHANGE = "change"
    RESET = "reset"
    GAP = "gap"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that can be shown at a moment.

    `now`: seconds on the tracker's time line; `taken`: those of the text that is shown.
    `change`: since the text before, which
    was `delta_s` seconds earlier; `recent`: since about a second ago, of which `wasted_rate`
    is made (bytes a second, None when unknown). `gap` is the trouble that persists, stamped
    with its beginning, `gap_s` its age in seconds.
    """

    at: Instant
    now: float
    event: Event
    sample: Sample | None = None
    block: Block | None = None
    taken: float = 0.0
    change: Change = NO_CHANGE
    delta_s: float | None = None
    recent: Change = NO_CHANGE
    wasted_rate: float | None = None
    since_start: Change = NO_CHANGE
    rows: tuple[Row, ...] = ()
    warnings: tuple[Warning, ...] = ()
    gap: Gap | None = None
    gap_s: float = 0.0
    resets: int = 0

    @property
    def looked_at(self) -> Instant:
        """When the text that is shown was last found to stand."""
        age, wall = self.now - self.taken, self.at.wall
        return Instant(self.at.uptime - age, None if wall is None else wall - age)

    @property
    def growing(self) -> tuple[Row, ...]:
        """Rows that have grown recently."""
        return tuple(row for row in self.rows if row.recent > 0)

    def quiet(self) -> "Frame":
        """The same frame when nothing has grown for a while."""
        if self.recent is NO_CHANGE and self.wasted_rate == 0.0:
            return self
        rows = tuple(row.quiet() for row in self.rows)
        return replace(self, change=NO_CHANGE, recent=NO_CHANGE, wasted_rate=0.0, rows=rows)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a tracker stands after an accepted text, so that another one can go on from there.

    `now`: seconds on the time line. `start` is the first text of its run, `rows` and `base`
    what Modules keeps, `before` earlier texts with the times from and until which they stood.
    """

    sample: Sample
    block: Block
    now: float
    start: Block
    rows: dict[Key, Row]
    base: dict[Key, int]
    before: tuple[Anchor, ...]
    warnings: tuple[Warning, ...] = ()
    resets: int = 0
