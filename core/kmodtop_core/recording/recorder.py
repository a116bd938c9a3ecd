"""Recorder: follows a source as a tracker does, and keeps all of it in a recording.

The tracker's frames give the index; the texts and their times are what counts.
What `observe` has returned from is on its way to the disk and survives the process.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress

from ..sample import Events, Gap, Host, Item, Sample, Told
from ..tracking.frame import Frame
from ..tracking.tracker import Tracker
from . import evidence, rescue, upkeep
from .growth import Step
from .index import Index
from .past import history_of
from .place import Hold
from .reading import Boot, Recording
from .rows import Row, Rows, bounded
from .store import IN_MEMORY, Store
from .tape import Tape
from .upgrade import open_to_record

_STAY_S = 10.0
"""Seconds after which it is noted that a text still stands; more often only at the end."""

_SYNC_S = 4.0
"""Seconds after which what was written is brought onto the disk: a power failure costs no more,
and the main file alone, copied while it is written, is a recording that old."""

_MOST_UNHEARD = 4096
"""Events that wait for the first text."""


class Recorder(AbstractContextManager["Recorder"]):
    """Appends items to a recording; a context manager. Raises SourceError.

    Goes on where the recording left the boot. `version` is that of kmodtop, `cmdline` the
    kernel's command line.
    """

    def __init__(
        self, path: str, version: str, cmdline: str | None = None, mode: int = 0o600
    ) -> None:
        self.path, self._version, self._cmdline = path, version, cmdline
        self._hold = None if path == IN_MEMORY else Hold(path)
        try:
            self._store = open_to_record(path, mode)
            self.recording = Recording(path, self._store)
            if self._hold is not None:
                self._hold.know()
        except BaseException:
            self._let_go()
            raise
        self._left: Boot | None = None
        self._unheard: list[Events] = []
        self._rows = Rows(self._store)
        # Gaps of earlier runs, after which no text came, are of no known boot.
        self._others = self._rows.last_gap()
        self._synced, self._is_synced = 0.0, True
        self._begin(None)

    def _begin(self, boot: Boot | None) -> None:
        self.boot, self._host = boot, boot.as_host() if boot else None
        self.tracker = Tracker()
        self._index: Index | None = None
        self._last: object = None
        self._row: Row | None = None
        self._noted = self._stood = 0.0
        self._still = self._is_taken = False
        self.step: Step | None = None
        self._rows.begin()

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, item: Told) -> bool:
        """Keeps the item, or notes that nothing changed; returns whether something did.

        Raises sqlite3.Error when the disk is full or gone; then the item was not kept.
        """
        if isinstance(item, Events):
            self.hear(item)
            return False
        before = self._row
        self.observe(item)
        return self._row != before

    def observe(self, item: Item) -> Frame:
        """The tracker's frame after the item, which is kept. Raises as `write` does."""
        try:
            return self._sample(item) if isinstance(item, Sample) else self._gap(item)
        except sqlite3.Error:
            # What was not kept must not have been seen either: goes on from what was.
            self._left = self.boot or self._left
            self._begin(None)
            raise

    def is_lost(self) -> str:
        """Whether the file was taken away while it is written, and how: moved, deleted, or not."""
        return self._hold.lost() if self._hold is not None else ""

    def sync(self) -> None:
        """Brings what was committed onto the disk. Raises sqlite3.Error."""
        if self._hold is not None:
            self._store.sync()
        self._is_synced = True

    def _sync_in_time(self, at: float) -> None:
        if self._is_synced:
            self._synced, self._is_synced = at, False
        elif not 0 <= at - self._synced < _SYNC_S:
            self._synced = at
            with suppress(sqlite3.Error):  # what was written is written; it is tried again
                self.sync()

    # ---- texts and gaps --------------------------------------------------

    def _sample(self, sample: Sample) -> Frame:
        if self.boot is None or sample.host != self._host:
            self._enter_boot(sample)
        sample = bounded(sample)
        frame = self.tracker.observe(sample)
        if self._row and self._row[0] == "sample" and self._is_last(sample, frame):
            self._stays(sample.at.uptime, sample.fresh)
            return frame
        with self._store.writing():
            self._note_stay()
            row = self._insert(sample, frame)
        self._sync_in_time(sample.at.uptime)
        self._row, self._last, self._still = row, (sample.text, sample.settled), False
        self._is_taken = frame.sample is sample
        self._noted = self._stood = sample.at.uptime
        return frame

    def _is_last(self, sample: Sample, frame: Frame) -> bool:
        """Whether the text is the one that was kept last. One that was taken while it may have
        been half written, and then turns out to be whole, is no second text."""
        is_known = self._last == (sample.text, sample.settled)
        if is_known or not self._is_taken or self._last != (sample.text, not sample.settled):
            return is_known
        if sample.settled and self._row is not None:
            with self._store.writing():
                self._rows.settled(self._row)
            self._last = (sample.text, True)
        return frame.sample is sample

    def _insert(self, sample: Sample, frame: Frame) -> Row:
        assert self.boot is not None
        assert self._index is not None
        row = self._rows.next_text()
        run, counters = self._index.follow(row, sample, frame)
        if run is not None and (block := frame.block) is not None:
            self.step = Step(row, sample.at.uptime, block.stats, self._index.changed, run)
        return self._rows.text(row, self.boot.id, sample, run, counters)

    def _gap(self, gap: Gap) -> Frame:
        frame = self.tracker.observe(gap)
        if self._row and self._row[0] == "gap" and self._last == gap.why:
            self._stays(gap.at.uptime, True)
            return frame
        with self._store.writing():
            self._note_stay()
            row = self._rows.gap(self.boot.id if self.boot else None, gap)
        self._sync_in_time(gap.at.uptime)
        self._row, self._last = row, gap.why
        self._noted = self._stood = gap.at.uptime
        return frame

    def _stays(self, until: float, fresh: bool) -> None:
        self._stood = until
        if not fresh and not self._still and self._row:
            self._still = True
            with self._store.writing():
                self._rows.went_still(self._row)
        if until - self._noted >= _STAY_S:
            self.note_stay()
            self._noted = until
            self._sync_in_time(until)
        elif not self._is_synced:
            self._sync_in_time(until)

    def _note_stay(self) -> None:
        """The last row stood until the last look that found it."""
        if self._row is not None:
            self._rows.stood(self._row, self._stood)

    def note_stay(self) -> None:
        """Notes now until when the last text stood, for somebody who wants to read it."""
        with self._store.writing():
            self._note_stay()

    def turn_to(self, boot: Boot) -> None:
        """What comes next is of that boot of another recording."""
        self.note_stay()
        self._cmdline, self._version, self._left = boot.cmdline, boot.version or "", None
        self._begin(None)

    # ---- boots -----------------------------------------------------------

    def _enter_boot(self, sample: Sample) -> None:
        """The row of this boot: the one that is there, or a new one."""
        host, tracker = sample.host, self.tracker
        known = self._known_boot(host)
        fresh = known is None
        if known is None:
            with self._store.writing():
                self._rows.boot(host, sample.at, self._cmdline, self._version)
            known = self.recording.boots()[-1]
        with self._store.writing():  # gaps before the first text belong to the boot that it is from
            self._note_stay()
            self._rows.claim_gaps(known.id, self._others)
        self._begin(known)
        self._host = host
        self._index = Index(self._store, known.id)
        if fresh:
            self.tracker = tracker  # a reboot is recognised by comparison with what was before
        else:
            self._go_on(known, sample)
        waiting, self._unheard = self._unheard, []
        for events in waiting:
            self.hear(events)

    def _known_boot(self, host: Host) -> Boot | None:
        if not host.boot_id:
            return self._left if self._left and self._left.as_host() == host else None
        return next((b for b in self.recording.boots() if b.boot_id == host.boot_id), None)

    def _go_on(self, boot: Boot, sample: Sample) -> None:
        """From the last text that was accepted, with the history of all that was before."""
        assert self._index is not None
        last = self.recording.last_sample(boot, sample.at.uptime, accepted=True)
        if last is None:
            return
        tape = Tape(self.recording, boot)
        self.tracker = Tracker(history_of(self._store, boot.id, tape.zero))
        self.tracker.restore(tape.standing(last))
        if last.until > last.item.at.uptime:
            self.tracker.observe(last.look(last.until))
        for kept in self.recording.kept(boot, last.item.at.uptime):
            for item in kept.looks():
                self.tracker.observe(item)
        self._index.go_on(last.id, last.run)

    def hear(self, events: Events) -> None:
        """Keeps what was heard; before the first text it waits for it. Raises sqlite3.Error."""
        if self.boot is None:
            self._unheard.append(events)
            del self._unheard[:-_MOST_UNHEARD]
            return
        evidence.hear(self._store, self.boot.id, events)

    def keep(self, pieces: Mapping[str, bytes]) -> None:
        """Keeps evidence of the present boot, if there is one. Raises sqlite3.Error."""
        if self.boot is not None:
            evidence.keep(self._store, self.boot.id, pieces)

    def shrink(self, most: int) -> None:
        """Forgets the oldest until the file has `most` bytes. Raises sqlite3.Error."""
        upkeep.shrink(self._store, self.boot.id if self.boot else None, most)

    def thin(self, most: int) -> None:
        """Forgets the older half of the present boot's texts when there are `most` bytes."""
        if self.boot is not None and self._store.size() >= most:
            upkeep.thin(self._store, self.boot.id)

    def rescue(self) -> Store | None:
        """A copy in memory of what was recorded, if that is not too much for it."""
        return rescue.rescued(self._store)

    def abandon(self, how: str) -> None:
        """Ends a recording that was taken away, as `is_lost` says."""
        if how != "emptied":
            with suppress(sqlite3.Error):
                self.note_stay()
                self._store.sync(all_of_it=True)
        rescue.clear_away(self.path, how)
        with suppress(sqlite3.Error):
            self._store.close()
        self._let_go()

    def close(self) -> None:
        """Notes until when the last text stood, and gives the file free."""
        try:
            self.note_stay()
            self.sync()
            self._store.close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._hold is not None:
            self._hold.release()


def in_memory(version: str) -> Recorder:
    """A recorder whose recording lives as long as the process."""
    return Recorder(IN_MEMORY, version)
