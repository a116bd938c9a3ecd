"""Recorder: follows a source as a tracker does, and keeps all of it in a recording.

The tracker's frames give the index; the texts and their times are what counts.
What `observe` has returned from is on its way to the disk and survives the process.
"""

import sqlite3
import zlib
from contextlib import suppress
from types import TracebackType
from typing import Any

from .history import History
from .modules import HOT_S, Key, keyed
from .place import Hold
from .recording import (
    INDEX_TABLES,
    SCHEMA,
    Boot,
    Recording,
    check,
    create,
    has_index,
    signed,
    unsigned,
    upgrade,
)
from .sample import Gap, Host, Item, Sample
from .stats import COUNTERS, STAGES
from .statsfile import NoStatistics, parse
from .store import IN_MEMORY, Store, broken, open_in_memory, open_to_write
from .tape import VALUES, Tape, values_of
from .tracker import Frame, Tracker

_KEEP = 64
"""Changed texts after which one is stored without a dictionary, so that few have to be unpacked."""

_STAY_S = 10.0
"""Seconds after which it is noted that a text still stands; more often only at the end."""

STORM_PAUSE_S = HOT_S
"""Seconds without growth after which a storm is over."""

_SYNC_S = 4.0
"""Seconds after which what was written is brought onto the disk: a power failure costs no more,
and the main file alone, copied while it is written, is a recording that old."""

_MOST_TEXT = 1 << 20
"""Bytes of a text, from which on only the statistics in it are kept."""

_LEAST_THINNED = 8
"""Texts of a boot that are not thinned further."""

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
        self._index: _Index | None = None
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
            self._left = self.boot
            self._begin(None)
            raise

    def is_lost(self) -> str:
        """Whether the file was taken away while it is written, and how: moved, deleted, or not."""
        return self._hold.lost() if self._hold is not None else ""

    def sync(self) -> None:
        """Brings what was committed onto the disk. Raises sqlite3.Error."""
        self._is_synced = True
        if self._hold is not None:
            self._store.sync()

    def _sync_in_time(self, at: float) -> None:
        if self._is_synced:
            self._synced, self._is_synced = at, False
        elif not 0 <= at - self._synced < _SYNC_S:
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
        self._index = _Index(self._store, known.id)
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
        """Forgets the oldest boots, then the older half of the present one, until the file has
        `most` bytes. Raises sqlite3.Error."""
        while self._store.size() > most:
            oldest = self._store.row(
                "i",
                "SELECT id FROM boot WHERE id IS NOT ? ORDER BY id LIMIT 1",
                (self.boot.id if self.boot else None,),
            )
            if oldest is None:
                break
            with self._store.writing():
                for sql in _FORGET:
                    self._store.write(sql, oldest)
            self._store.vacuum()
        while self._store.size() > most and self.thin(most):
            pass
        self._store.sync(all_of_it=True)

    def thin(self, most: int) -> bool:
        """Forgets the older half of the present boot's texts when there are `most` bytes.

        When modules came, and last grew, stays known; so does the first text of each run, as
        long as there are enough others. Returns whether anything was forgotten.
        """
        if self._store.size() < most or self.boot is None:
            return False
        boot = {"boot": self.boot.id}
        count = self._store.one(
            "i", "SELECT count(*) FROM sample WHERE boot = ? AND size > 0", (self.boot.id,)
        )
        if count <= _LEAST_THINNED:
            return self._forget_times(boot)
        cut = self._store.one(
            "i",
            "SELECT id FROM sample WHERE boot = ? AND size > 0 ORDER BY id LIMIT 1 OFFSET ?",
            (self.boot.id, count // 2),
        )
        before = self._store.size()
        with self._store.writing():
            for sql in _THIN:
                self._store.write(sql, boot | {"cut": cut})
        self._store.vacuum()
        return self._store.size() < before or self._forget_times(boot)

    def _forget_times(self, boot: dict[str, Any]) -> bool:
        """The older half of what is left of texts that were thinned out, and of growth."""
        before = self._store.size()
        with self._store.writing():
            for sql in _FORGET_TIMES:
                self._store.write(sql, boot)
        self._store.vacuum()
        return self._store.size() < before

    def rescue(self) -> Store | None:
        """A copy in memory of what was recorded, if that is not too much for it."""
        if self._store.size() > _MOST_RESCUED:
            return None
        copy = open_in_memory()
        with suppress(sqlite3.Error):
            self._store.db.backup(copy.db)
            return copy
        return None

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


_OLD_GROWTH = "SELECT module, max(sample) FROM growth WHERE sample < :cut GROUP BY module"

_BASES = "SELECT base FROM sample WHERE boot = :boot AND id >= :cut AND base IS NOT NULL"
"""With what those are packed that stay."""

_THIN = (
    f"DELETE FROM growth WHERE sample < :cut AND (module, sample) NOT IN ({_OLD_GROWTH})"  # noqa: S608
    " AND sample NOT IN (SELECT first FROM module WHERE id = growth.module)",
    "DELETE FROM sample WHERE boot = :boot AND id < :cut AND id NOT IN (SELECT id FROM run)"  # noqa: S608
    " AND id NOT IN (SELECT first FROM module) AND id NOT IN (SELECT sample FROM growth)"
    f" AND id NOT IN ({_BASES})",
    # What is left of the others is their time.
    "UPDATE sample SET size = 0, base = NULL, data = x'' WHERE boot = :boot AND id < :cut"  # noqa: S608
    f" AND id NOT IN (SELECT id FROM run) AND id NOT IN ({_BASES})",
)

_FORGET_TIMES = (
    "DELETE FROM sample WHERE boot = :boot AND size = 0 AND id <="
    " (SELECT (min(id) + max(id)) / 2 FROM sample WHERE boot = :boot AND size = 0)"
    " AND id NOT IN (SELECT id FROM run) AND id NOT IN (SELECT first FROM module)"
    " AND id NOT IN (SELECT sample FROM growth)",
    "DELETE FROM storm WHERE boot = :boot AND id <="
    " (SELECT (min(id) + max(id)) / 2 FROM storm WHERE boot = :boot)"
    " AND id < (SELECT max(id) FROM storm WHERE boot = :boot)",
    "DELETE FROM gap WHERE boot = :boot AND id <="
    " (SELECT (min(id) + max(id)) / 2 FROM gap WHERE boot = :boot)"
    " AND id < (SELECT max(id) FROM gap WHERE boot = :boot)",
)

_FORGET = (
    "DELETE FROM growth WHERE module IN"
    " (SELECT m.id FROM module m JOIN run r ON r.id = m.run WHERE r.boot = ?)",
    "DELETE FROM module WHERE run IN (SELECT id FROM run WHERE boot = ?)",
    "DELETE FROM warning WHERE run IN (SELECT id FROM run WHERE boot = ?)",
    "DELETE FROM run WHERE boot = ?",
    "DELETE FROM storm WHERE boot = ?",
    "DELETE FROM sample WHERE boot = ?",
    "DELETE FROM gap WHERE boot = ?",
    "DELETE FROM boot WHERE id = ?",
)


class _Index:
    """What the frames of one boot tell, in tables."""

    def __init__(self, store: Store, boot: int) -> None:
        self._store, self._boot = store, boot
        self._run: int | None = None
        self._modules: dict[Key, tuple[int, int]] = {}
        self._storm: int | None = None
        self._grew = float("-inf")

    def go_on(self, sample: int, run: int | None) -> None:
        """After a sample that was indexed by another recorder."""
        self._run = run
        entries = self._store.rows(
            "biiI",
            "SELECT m.name, m.occurrence, m.id, g.count FROM module m JOIN growth g"
            " ON g.module = m.id AND g.sample ="
            " (SELECT max(sample) FROM growth WHERE module = m.id) WHERE m.run = ?",
            (run,),
        )
        for name, occurrence, module, count in entries:
            key = (name.decode("utf-8", "surrogateescape"), occurrence)
            self._modules[key] = (module, count or 0)
        storm = self._store.row(
            "iu",
            "SELECT id, ended FROM storm WHERE boot = ? ORDER BY id DESC LIMIT 1",
            (self._boot,),
        )
        self._storm, self._grew = storm or (None, float("-inf"))

    def follow(self, row: int, sample: Sample, frame: Frame) -> tuple[int | None, list[int | None]]:
        """(its run, its counters as SQLite holds them) of a text; both unknown if it is useless."""
        if frame.sample is not sample or frame.block is None:
            return None, [None] * len(COUNTERS)
        if self._run is None or frame.event in ("first", "reset"):
            self._begin_run(row, frame)
        self._modules_of(row, frame)
        self._storm_of(row, sample, frame)
        wrapped = (w for w in frame.warnings if w.code == "counter-wrap" and frame.change.wrapped)
        self._store.write_many(
            "INSERT INTO warning VALUES (?, ?, ?, ?)",
            [(row, self._run, w.code, w.message) for w in wrapped],
        )
        values = [signed(frame.block.stats.counter(name)) for name in COUNTERS]
        missing = frame.block.missing
        return self._run, [
            None if name in missing else value for name, value in zip(COUNTERS, values, strict=True)
        ]

    def _begin_run(self, row: int, frame: Frame) -> None:
        self._run, self._modules, self._storm = row, {}, None
        told = [w for w in frame.warnings if w.code == "counter-reset"]
        reason = told[0].message if frame.event == "reset" and told else None
        self._store.write("INSERT INTO run VALUES (?, ?, ?)", (row, self._boot, reason))
        self._store.write_many(
            "INSERT INTO warning VALUES (?, ?, ?, ?)",
            [(row, row, w.code, w.message) for w in told if reason],
        )

    def _modules_of(self, row: int, frame: Frame) -> None:
        """Which modules' counts changed."""
        assert frame.block is not None
        shown = {(r.module, r.count): r for r in frame.rows if not r.fallen}
        # The kernel shows the newest first: ids rise with age, as if each had come alone.
        for key, duplicate in reversed(list(keyed(frame.block.stats.duplicates))):
            known = self._modules.get(key)
            count = signed(duplicate.times)
            if known is not None and known[1] == count:
                continue
            if known is None:
                seen = shown.get((duplicate.module, duplicate.times))
                old = seen is None or seen.first_seen is None
                known = (self._new_module(key, row, count if old else None), 0)
            self._store.write(
                "INSERT OR REPLACE INTO growth VALUES (?, ?, ?, ?)",
                (known[0], row, count, int(duplicate.reason)),
            )
            self._modules[key] = (known[0], count or 0)

    def _new_module(self, key: Key, row: int, base: int | None) -> int:
        name = key[0].encode("utf-8", "surrogateescape")
        cursor = self._store.write(
            "INSERT INTO module (run, name, occurrence, first, base) VALUES (?, ?, ?, ?, ?)",
            (self._run, name, key[1], row, base),
        )
        return cursor.lastrowid or 0

    def _storm_of(self, row: int, sample: Sample, frame: Frame) -> None:
        """Failures that grew begin a storm, or go on with it."""
        deltas = frame.change.deltas
        failures = sum(max(0, deltas.get(stage.failures, 0)) for stage in STAGES)
        if not failures:
            return
        at = sample.at.uptime
        if self._storm is None or at - self._grew > STORM_PAUSE_S:
            self._storm = row
            self._store.write(
                "INSERT INTO storm VALUES (?, ?, ?, ?, ?, 0, 0, NULL, NULL)",
                (row, self._boot, self._run, at, at),
            )
        wasted = float(sum(max(0, deltas.get(stage.bytes, 0)) for stage in STAGES))
        self._store.write(
            "UPDATE storm SET ended = ?, failures = failures + ?, wasted = wasted + ? WHERE id = ?",
            (at, min(failures, 1 << 40), wasted, self._storm),
        )
        self._store.write(
            "UPDATE storm SET peak_rate = ?, peak_at = ? WHERE id = ?"
            " AND ? > coalesce(peak_rate, 0)",
            (frame.wasted_rate, at, self._storm, frame.wasted_rate),
        )
        self._grew = at


def in_memory(version: str) -> Recorder:
    """A recorder whose recording lives as long as the process."""
    return Recorder(IN_MEMORY, version)


def index(recording: Recording) -> None:
    """Makes the index of an older recording, within one transaction. Raises sqlite3.Error."""
    store = recording.store
    if not has_index(store):
        with store.writing():
            _index(recording)


def _index(recording: Recording) -> None:
    """From the texts; what an earlier attempt has left of it is thrown away."""
    store = recording.store
    for table in INDEX_TABLES:
        store.write(f"DELETE FROM {table}")  # noqa: S608 - own names
    names = ", ".join(f"{name} = ?" for name in COUNTERS)
    for boot in recording.boots():
        follower, tracker = _Index(store, boot.id), Tracker()
        for kept in list(recording.kept(boot)):
            for item in kept.looks():
                frame = tracker.observe(item)
                if item is kept.item and isinstance(item, Sample):
                    run, counters = follower.follow(kept.id, item, frame)
                    store.write(
                        f"UPDATE sample SET run = ?, {names} WHERE id = ?",  # noqa: S608
                        (run, *counters, kept.id),
                    )
    store.write(f"PRAGMA user_version = {SCHEMA}")


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
                    _index(recording)
                store.write(f"PRAGMA user_version = {SCHEMA}")
        store.write("PRAGMA synchronous = NORMAL")
        store.write("PRAGMA wal_autocheckpoint = 500")
        store.sync()  # with its tables, whoever copies the main file alone has a recording
    except sqlite3.Error as error:
        store.close()
        raise broken(path, f"can't be used as a recording ({error})") from None
    return store
