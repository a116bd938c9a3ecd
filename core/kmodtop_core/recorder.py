"""Recorder: follows a source as a tracker does, and keeps all of it in a recording.

The tracker's frames give the index; the texts and their times are what counts.
What `observe` has returned from is on its way to the disk and survives the process.
"""

import os
import sqlite3
import zlib
from contextlib import suppress
from types import TracebackType

from . import upkeep
from .history import History
from .index import Index, make_index
from .place import Hold
from .recording import SCHEMA, Boot, Recording, check, create, unsigned, upgrade
from .sample import Gap, Host, Item, Sample
from .stats import COUNTERS
from .statsfile import NoStatistics, parse
from .store import IN_MEMORY, Store, broken, open_in_memory, open_to_write
from .tape import VALUES, Tape, values_of
from .tracker import Frame, Tracker

_KEEP = 64
"""Changed texts after which one is stored without a dictionary, so that few have to be unpacked."""

_STAY_S = 10.0
"""Seconds after which it is noted that a text still stands; more often only at the end."""

_SYNC_S = 4.0
"""Seconds after which what was written is brought onto the disk: a power failure costs no more,
and the main file alone, copied while it is written, is a recording that old."""

_MOST_TEXT = 1 << 20
"""Bytes of a text, from which on only the statistics in it are kept."""

_COLUMNS = ", ".join(COUNTERS)
_INSERT = (
    f"INSERT INTO sample (id, boot, uptime, wall, until, fresh, settled, read_s, run, {_COLUMNS},"  # noqa: S608
    f" size, base, data) VALUES ({', '.join('?' * (12 + len(COUNTERS)))})"
)


class Recorder:
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
            self._store = _open(path, mode)
            self.recording = Recording(path, self._store)
            if self._hold is not None:
                self._hold.know()
        except BaseException:
            self._let_go()
            raise
        self._left: Boot | None = None
        # Gaps of earlier runs, after which no text came, are of no known boot.
        self._others: int = self._store.one("i", "SELECT coalesce(max(id), 0) FROM gap")
        self._synced, self._is_synced = 0.0, True
        self._begin(None)

    def _begin(self, boot: Boot | None) -> None:
        self.boot, self._host = boot, boot.as_host() if boot else None
        self.tracker = Tracker()
        self._index: Index | None = None
        self._last: object = None
        self._row: tuple[str, int] | None = None
        self._noted = self._stood = 0.0
        self._still = False
        self._base: tuple[int, bytes] | None = None
        self._since_base = 0

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, item: Item) -> bool:
        """Keeps the item, or notes that nothing changed; returns whether something did.

        Raises sqlite3.Error when the disk is full or gone; then the item was not kept.
        """
        before = self._row
        self.observe(item)
        return self._row != before

    def observe(self, item: Item) -> Frame:
        """The tracker's frame after the item, which is kept. Raises as `write` does."""
        try:
            if isinstance(item, Sample):
                return self._sample(item)
            return self._gap(item)
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
        sample = _bounded(sample)
        frame = self.tracker.observe(sample)
        what = (sample.text, sample.settled)
        if self._row and self._row[0] == "sample" and what == self._last:
            self._stays(sample.at.uptime, sample.fresh)
            return frame
        with self._store.writing():
            self._note_stay()
            row = self._insert(sample, frame)
        self._sync_in_time(sample.at.uptime)
        self._row, self._last, self._still = ("sample", row), what, False
        self._noted = self._stood = sample.at.uptime
        return frame

    def _insert(self, sample: Sample, frame: Frame) -> int:
        assert self.boot is not None
        assert self._index is not None
        row: int = self._store.one("i", "SELECT coalesce(max(id), 0) + 1 FROM sample")
        run, counters = self._index.follow(row, sample, frame)
        base, packed = self._pack(sample.text, alone=run == row)
        self._store.write(
            _INSERT,
            (row, self.boot.id, sample.at.uptime, sample.at.wall, sample.at.uptime, 1,
             sample.settled, sample.read_s, run, *counters, len(sample.text), base, packed),
        )  # fmt: skip
        if base is None:
            self._base, self._since_base = (row, sample.text), 0
        return row

    def _gap(self, gap: Gap) -> Frame:
        frame = self.tracker.observe(gap)
        if self._row and self._row[0] == "gap" and self._last == gap.why:
            self._stays(gap.at.uptime, True)
            return frame
        with self._store.writing():
            self._note_stay()
            why = gap.why
            cursor = self._store.write(
                "INSERT INTO gap (boot, uptime, wall, until, code, sentence, what, fix, subject)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (self.boot.id if self.boot else None, gap.at.uptime, gap.at.wall, gap.at.uptime,
                 why.code, why.sentence, why.what, why.fix, why.subject),
            )  # fmt: skip
        self._sync_in_time(gap.at.uptime)
        self._row, self._last = ("gap", cursor.lastrowid or 0), gap.why
        self._noted = self._stood = gap.at.uptime
        return frame

    def _pack(self, text: bytes, alone: bool) -> tuple[int | None, bytes]:
        """(row whose text is the dictionary or None, packed text)."""
        self._since_base += 1
        if self._base is None or self._since_base >= _KEEP or alone:
            return None, zlib.compress(text, 9)
        packer = zlib.compressobj(9, zdict=self._base[1])
        return self._base[0], packer.compress(text) + packer.flush()

    def _stays(self, until: float, fresh: bool) -> None:
        self._stood = until
        if not fresh and not self._still and self._row:
            self._still = True
            with self._store.writing():
                self._store.write("UPDATE sample SET fresh = 0 WHERE id = ?", self._row[1:])
        if until - self._noted >= _STAY_S:
            with self._store.writing():
                self._note_stay()
            self._noted = until
            self._sync_in_time(until)
        elif not self._is_synced:
            self._sync_in_time(until)

    def _note_stay(self) -> None:
        """The last row stood until the last look that found it."""
        if self._row is not None:
            table, row = self._row
            sql = f"UPDATE {table} SET until = max(until, ?) WHERE id = ?"  # noqa: S608 - own name
            self._store.write(sql, (self._stood, row))

    def note_stay(self) -> None:
        """Notes now until when the last text stood, for somebody who wants to read it."""
        with self._store.writing():
            self._note_stay()

    # ---- boots -----------------------------------------------------------

    def _enter_boot(self, sample: Sample) -> None:
        """The row of this boot: the one that is there, or a new one."""
        host, tracker = sample.host, self.tracker
        known = self._known_boot(host)
        fresh = known is None
        if known is None:
            with self._store.writing():
                self._store.write(
                    "INSERT INTO boot (boot_id, host, kernel, cpus, cmdline, version, wall, uptime)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (host.boot_id, host.name, host.kernel, host.cpus, self._cmdline,
                     self._version, sample.at.wall, sample.at.uptime),
                )  # fmt: skip
            known = self.recording.boots()[-1]
        with self._store.writing():  # gaps before the first text belong to the boot that it is from
            self._note_stay()
            # ... unless they have the time of here: the other host had not answered yet.
            self._store.write("DELETE FROM gap WHERE boot IS NULL AND code = 'no-connection'")
            self._store.write(
                "UPDATE gap SET boot = ? WHERE boot IS NULL AND id > ?", (known.id, self._others)
            )
        self._begin(known)
        self._host = host
        self._index = Index(self._store, known.id)
        if fresh:
            self.tracker = tracker  # a reboot is told by comparison with what was before
        else:
            self._go_on(known, sample)

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
        self.tracker = Tracker(_history(tape))
        self.tracker.restore(tape.standing(last))
        if last.until > last.item.at.uptime:
            self.tracker.observe(last.look(last.until))
        for kept in self.recording.kept(boot, last.item.at.uptime):
            for item in kept.looks():
                self.tracker.observe(item)
        self._index.go_on(last.id, last.run)

    def shrink(self, most: int) -> None:
        """Forgets the oldest until the file has `most` bytes. Raises sqlite3.Error."""
        upkeep.shrink(self._store, self.boot.id if self.boot else None, most)

    def thin(self, most: int) -> None:
        """Forgets the older half of the present boot's texts when there are `most` bytes."""
        if self.boot is not None and self._store.size() >= most:
            upkeep.thin(self._store, self.boot.id)

    def rescue(self) -> Store | None:
        """A copy in memory of what was recorded, if that is not too much for it."""
        if self._store.size() > _MOST_RESCUED:
            return None
        copy = open_in_memory()
        with suppress(sqlite3.Error):
            self._store.db.backup(copy.db)
            return copy
        return None

    def abandon(self, how: str) -> None:
        """Ends a recording that was taken away, as `is_lost` says.

        SQLite leaves the -wal of such a file where it is; it must not be taken for that of another.
        """
        beside = [f"{self.path}-wal", f"{self.path}-shm"]
        if how == "emptied":  # what is left of it can't be put together again
            beside.append(self.path)
        else:
            with suppress(sqlite3.Error):
                with self._store.writing():
                    self._note_stay()
                self._store.sync(all_of_it=True)
        for name in beside:
            with suppress(OSError):
                os.unlink(name)
        with suppress(sqlite3.Error):
            self._store.close()
        self._let_go()

    def close(self) -> None:
        """Notes until when the last text stood, and gives the file free."""
        try:
            with self._store.writing():
                self._note_stay()
            self.sync()
            self._store.close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._hold is not None:
            self._hold.release()


_MOST_RESCUED = 256 << 20
"""Bytes of a recording that was deleted while it was written, which are written anew."""


def _bounded(sample: Sample) -> Sample:
    """The statistics alone, of what was pasted together or made to fill a disk."""
    if len(sample.text) <= _MOST_TEXT:
        return sample
    try:
        block = parse(sample.text)[-1]
    except NoStatistics:
        return sample._replace(text=sample.text[:_MOST_TEXT])
    return sample._replace(text=sample.text[block.start : block.end][:_MOST_TEXT])


def in_memory(version: str) -> Recorder:
    """A recorder whose recording lives as long as the process."""
    return Recorder(IN_MEMORY, version)


def _history(tape: Tape) -> History:
    """All that a tape tells of the past, in a history's resolutions."""
    store, history = tape.recording.store, History()
    points = store.rows(
        "uuIIIII",
        f"SELECT uptime, until, {VALUES} FROM sample"  # noqa: S608 - own names
        " WHERE boot = ? AND run IS NOT NULL UNION ALL"
        " SELECT uptime, until, NULL, NULL, NULL, NULL, NULL FROM gap WHERE boot = ?"
        " ORDER BY uptime",
        (tape.boot.id, tape.boot.id),
    )
    for at, until, *values in points:
        known = None if None in values else values_of(values)
        history.add(tape.line(at), known)
        if until > at:
            history.add(tape.line(until), known)
    counts = store.rows(
        "buI",
        "SELECT m.name, s.uptime, g.count FROM growth g JOIN module m ON m.id = g.module"
        " JOIN sample s ON s.id = g.sample WHERE s.boot = ? ORDER BY s.uptime",
        (tape.boot.id,),
    )
    for name, at, count in counts:
        history.add_count(
            name.decode("utf-8", "surrogateescape"), tape.line(at), unsigned(count or 0)
        )
    return history


def _open(path: str, mode: int) -> Store:
    """A recording to be written; an older one is brought up to date. Raises SourceError."""
    if path == IN_MEMORY:
        store = open_in_memory()
        create(store)
        return store
    store = open_to_write(path, mode)
    try:
        if not store.one("i", "SELECT count(*) FROM sqlite_master"):
            store.write("PRAGMA page_size = 2048")  # a short recording is mostly begun pages
            store.write("PRAGMA journal_mode = WAL")
            create(store)
        elif (schema := check(store)) < SCHEMA:
            with store.writing():
                upgrade(store)
                recording = Recording(path, store)
                if schema < 2:
                    make_index(recording)
                store.write(f"PRAGMA user_version = {SCHEMA}")
        store.write("PRAGMA journal_mode = WAL")  # somebody may have copied it without
        store.write("PRAGMA synchronous = NORMAL")
        store.write("PRAGMA wal_autocheckpoint = 500")
        store.sync()  # with its tables, whoever copies the main file alone has a recording
    except sqlite3.Error as error:
        store.close()
        raise broken(path, f"can't be used as a recording ({error})") from None
    return store
