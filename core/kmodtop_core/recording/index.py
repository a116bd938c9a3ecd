"""The index of a recording: what the frames of its texts tell, in tables.

For people who ask with SQL, and for fast seeks; it can be rebuilt from the texts.
"""

from ..sample import Sample
from ..stats.values import COUNTERS, STAGES, Duplicate
from ..tracking.frame import Event, Frame
from ..tracking.rows import HOT_S, Key, keyed
from ..tracking.rows import Row as ModuleRow
from .schema import signed, unsigned
from .store import Store

STORM_PAUSE_S = HOT_S
"""Seconds without growth after which a storm is over."""


class Index:
    """What the frames of one boot tell, in tables. `changed`: the rows that the last text that was
    followed has changed, as `growth.steps` tells them."""

    def __init__(self, store: Store, boot: int) -> None:
        self._store, self._boot = store, boot
        self._run: int | None = None
        self._modules: dict[Key, int] = {}
        self._counts: dict[Key, int] = {}
        self.changed: tuple[Duplicate, ...] = ()
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
            self._modules[key], self._counts[key] = module, unsigned(count or 0)
        storm = self._store.row(
            "iu",
            "SELECT id, ended FROM storm WHERE boot = ? ORDER BY id DESC LIMIT 1",
            (self._boot,),
        )
        self._storm, self._grew = storm or (None, float("-inf"))

    def follow(self, row: int, sample: Sample, frame: Frame) -> tuple[int | None, list[int | None]]:
        """(its run, its counters as SQLite holds them) of a text; both unknown if it is useless."""
        if frame.sample is not sample or frame.block is None:
            self.changed = ()
            return None, [None] * len(COUNTERS)
        if self._run is None or frame.event in (Event.FIRST, Event.RESET):
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
        self._run, self._modules, self._counts, self._storm = row, {}, {}, None
        told = [w for w in frame.warnings if w.code == "counter-reset"]
        reason = told[0].message if frame.event is Event.RESET and told else None
        self._store.write("INSERT INTO run VALUES (?, ?, ?)", (row, self._boot, reason))
        self._store.write_many(
            "INSERT INTO warning VALUES (?, ?, ?, ?)",
            [(row, row, w.code, w.message) for w in told if reason],
        )

    def _modules_of(self, row: int, frame: Frame) -> None:
        """Which modules' counts changed."""
        assert frame.block is not None
        table = keyed(frame.block.stats.duplicates)
        changed = [entry for entry in table if self._counts.get(entry[0]) != entry[1].times]
        shown: dict[tuple[str, int], ModuleRow] | None = None
        rows, found = [], []
        # The kernel shows the newest first: ids rise with age, as if each had come alone.
        for key, duplicate in reversed(changed):
            module, count = self._modules.get(key), signed(duplicate.times)
            if module is None:
                if shown is None:
                    shown = {(r.module, r.count): r for r in frame.rows if not r.fallen}
                seen = shown.get((duplicate.module, duplicate.times))
                old = seen is None or seen.first_seen is None
                module = self._modules[key] = self._new_module(key, row, count if old else None)
            rows.append((module, row, count, int(duplicate.reason)))
            self._counts[key] = duplicate.times
            if key[1] == 0:
                found.append((module, duplicate))
        self._store.write_many("INSERT OR REPLACE INTO growth VALUES (?, ?, ?, ?)", rows)
        self.changed = tuple([duplicate for _, duplicate in sorted(found)])

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
