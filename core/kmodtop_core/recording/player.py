"""Player: a tape that is played, paused, and moved about in.

No clock is read here: whoever owns it says how many seconds have passed.
"""

from collections.abc import Callable

from ..errors import SourceError, Trouble
from ..sample import Gap, Instant
from ..speed import next_speed
from ..tracking.frame import Frame
from ..tracking.history import Past
from ..tracking.tracker import Tracker
from .reading import Kept
from .tape import Tape

_MOST_STEPS = 40
"""Items that are observed one by one in a step; beyond that a seek is faster."""


class Player:
    """Shows one moment of a tape. `position`: seconds since boot; `frame` is None before any."""

    def __init__(self, tape: Tape, position: float | None = None, speed: float = 1.0) -> None:
        self.tape, self.speed = tape, speed
        self.paused = False
        self.position = tape.begin
        self.frame: Frame | None = None
        self._tracker: Tracker
        self._present: Kept | None = None
        self.seek(tape.begin if position is None else position)

    @property
    def past(self) -> Past:
        """A reader of what was before the frame."""
        return self._tracker.history

    @property
    def is_over(self) -> bool:
        """Whether all has been played."""
        return self.position >= self.tape.end

    def seek(self, position: float) -> None:
        """To that moment, or to the nearest end."""
        self.position = min(max(position, self.tape.begin), self.tape.end)
        try:
            self._tracker = self.tape.tracker(self.position)
            self._present = self.tape.in_force(self.position)
        except SourceError as error:
            self._be_damaged(error)
        self.frame = self._tracker.latest

    def _be_damaged(self, error: SourceError) -> None:
        """What cannot be read is a gap, as with any source."""
        self._tracker, self._present = Tracker(), None
        fix = "move to another moment"
        why = Trouble("damaged", error.why.what, fix, self.tape.recording.path)
        self._tracker.observe(Gap(Instant(self.position), why))

    def pass_time(self, seconds: float) -> bool:
        """Plays on by so many seconds of the reader's time; returns whether anything moved."""
        if self.paused or self.is_over:
            return False
        start, end = self.position, self.tape.end
        self.position = min(start + seconds * self.speed, end)
        try:
            self._play(start)
        except SourceError as error:
            self._be_damaged(error)
        self.frame = self._tracker.latest
        return True

    def _play(self, start: float) -> None:
        """What came after `start`, up to the position."""
        steps = []
        for kept in self.tape.recording.kept(self.tape.boot, start, self.position):
            steps.append(kept)
            if len(steps) > _MOST_STEPS:
                self.seek(self.position)
                return
        for kept in steps:
            self._step(kept)
        if self._present is not None:
            self.tape.look(self._tracker, self._present, self.position)

    def _step(self, kept: Kept) -> None:
        """What was before is looked at for the last time, then comes the next."""
        if self._present is not None:
            self.tape.look(self._tracker, self._present, self._present.until)
        self._tracker.observe(kept.item)
        self._present = kept

    def step(self, by: int) -> bool:
        """Pauses at the next change, or at the one before; whether there was one."""
        move = self.tape.next_change if by > 0 else self.tape.last_change
        return self._go_to(move)

    def storm(self, by: int) -> bool:
        """Pauses where the next storm began, or the one before; whether there was one."""
        move = self.tape.next_storm if by > 0 else self.tape.last_storm
        return self._go_to(move)

    def _go_to(self, move: Callable[[float], float | None]) -> bool:
        try:
            position = move(self.position)
        except SourceError as error:
            self._be_damaged(error)
            self.frame = self._tracker.latest
            return True
        if position is None:
            return False
        self.paused = True
        self.seek(position)
        return True

    def change_speed(self, by: int) -> None:
        """To the next speed up or down."""
        self.speed = next_speed(self.speed, by)
