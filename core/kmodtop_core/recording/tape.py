"""Tape: one boot of a recording, to be looked at as of any moment.

A tracker for a moment is not built by observing all that came before: the
recording's index tells where a tracker stood at the text before, and the last
steps are then observed by the same tracker that serves the live view.
"""

from typing import Any

from ..errors import SourceError, Trouble
from ..sample import Gap
from ..tracking.frame import Frame, Standing
from ..tracking.tracker import RECENT_S, Tracker
from .past import RecordedPast
from .reading import Boot, Kept, Recording
from .standing import Standings, just_before

HOLE_S = 15.0
"""Seconds without a look after which nothing is known: nobody was recording. A recorder notes
every ten seconds that a text still stands."""

_MOST_STEPS = 200
"""Items that are observed at most to reach a moment; a recording can be hostile."""

_LEFT = {"sample": " AND size > 0", "gap": ""}
"""Texts may have been thinned out; only their times are left then."""

_FEW_STEPS = 16
"""Texts that are observed to know what was recent; at ten a second, ten would do."""


class Tape:
    """One boot. Moments are seconds since boot, `line` makes them those of a tracker.

    `begin` is the first item's, `zero` the first text's.
    """

    def __init__(self, recording: Recording, boot: Boot) -> None:
        self.recording, self.boot = recording, boot
        self._store = recording.store
        self.begin = self._first("sample", "gap") or 0.0
        zero = self._first("sample")
        self.zero = self.begin if zero is None else zero
        self._standings = Standings(recording, boot, self.zero)

    @property
    def end(self) -> float:
        """The last look, as far as it was noted."""
        latest = (
            "SELECT max(uptime, until) FROM {} WHERE boot = ? ORDER BY uptime DESC, id DESC LIMIT 1"
        )
        try:
            found = [
                self._store.row("u", latest.format(table), (self.boot.id,))
                for table in ("sample", "gap")
            ]
        except SourceError:
            return self.begin  # the file is damaged there
        return max((row[0] for row in found if row), default=self.begin)

    def _first(self, *tables: str) -> float | None:
        found = [
            self._store.one(
                "U",
                f"SELECT min(uptime) FROM {table} WHERE boot = ?{_LEFT[table]}",  # noqa: S608
                (self.boot.id,),
            )
            for table in tables
        ]
        return min((at for at in found if at is not None), default=None)

    def line(self, uptime: float) -> float:
        """Seconds on the tracker's time line."""
        return uptime - self.zero

    def past(self) -> RecordedPast:
        """A reader of what was before, on that line; it follows one tracker."""
        return RecordedPast(self._store, self.boot.id, self.zero)

    def standing(self, kept: Kept) -> Standing:
        """Where a tracker stands after that text. The text must be one that was accepted."""
        return self._standings.after(kept)

    # ---- a moment --------------------------------------------------------

    def in_force(self, uptime: float) -> Kept | None:
        """What had come last by that moment."""
        sample = self.recording.last_sample(self.boot, uptime)
        gap = self.recording.last_gap(self.boot, uptime)
        return max((k for k in (sample, gap) if k), key=lambda k: k.order, default=None)

    def tracker(self, uptime: float) -> Tracker:
        """A tracker that has observed all up to that moment."""
        tracker = Tracker(self.past())
        present = self.in_force(uptime)
        if present is None:
            return tracker
        before = self._foothold(uptime)
        after = float("-inf")
        if before is not None:
            tracker.restore(self._standings.after(before))
            after = before.item.at.uptime
            if before.until > after:
                tracker.observe(before.look(before.until))
        steps = list(self.recording.kept(self.boot, after, uptime))[-_MOST_STEPS:]
        for kept in steps[:-1]:
            for item in kept.looks():
                tracker.observe(item)
        tracker.observe(present.item)
        self.look(tracker, present, uptime)
        return tracker

    def _foothold(self, uptime: float) -> Kept | None:
        """The text from which on is observed what was recent at that moment; None is from the
        beginning. At least the last step is observed, so that it is known."""
        texts = list(
            self._store.rows(
                "u",
                "SELECT uptime FROM sample"
                " WHERE boot = ? AND run IS NOT NULL AND size > 0 AND uptime <= ?"
                " ORDER BY uptime DESC, id DESC LIMIT ?",
                (self.boot.id, uptime, _FEW_STEPS),
            )
        )
        recent = [at for (at,) in texts if at > texts[0][0] - RECENT_S] if texts else []
        edge = recent[-1] if recent else uptime
        return self.recording.last_sample(self.boot, just_before(edge), accepted=True)

    def look(self, tracker: Tracker, present: Kept, uptime: float) -> Frame | None:
        """Lets the tracker look at that moment; None when it learns nothing new."""
        begun = present.item.at.uptime
        if uptime <= begun:
            return None
        if uptime <= present.until:
            return tracker.observe(present.look(uptime))
        if uptime - present.until <= HOLE_S or uptime > self.end:
            last = present.until
            return tracker.observe(present.look(last)) if last > begun else None
        why = Trouble("not-recorded", "nobody was recording", "move to the next change")
        return tracker.observe(Gap(present.look(uptime).at, why))

    # ---- moving ----------------------------------------------------------

    def next_change(self, uptime: float) -> float | None:
        """When something came after that moment; None at the end."""
        return self._nearest("min(uptime)", ">", uptime, min)

    def last_change(self, uptime: float) -> float | None:
        """When something came before that moment; None at the beginning."""
        return self._nearest("max(uptime)", "<", uptime, max)

    def _nearest(self, what: str, than: str, uptime: float, choose: Any) -> float | None:
        found = [
            self._store.one(
                "U",
                f"SELECT {what} FROM {table} WHERE boot = ? AND uptime {than} ?{left}",  # noqa: S608
                (self.boot.id, uptime),
            )
            for table, left in _LEFT.items()
        ]
        known = [value for value in found if value is not None]
        return choose(known) if known else None

    def next_storm(self, uptime: float) -> float | None:
        """When the next storm began."""
        return self._storm("min(began)", ">", uptime)

    def last_storm(self, uptime: float) -> float | None:
        """When the current storm, or the one before, began."""
        return self._storm("max(began)", "<", uptime)

    def _storm(self, what: str, than: str, uptime: float) -> float | None:
        sql = f"SELECT {what} FROM storm WHERE boot = ? AND began {than} ?"  # noqa: S608
        found: float | None = self._store.one("U", sql, (self.boot.id, uptime))
        return found
