"""Recordings that are read: their boots, and the texts and gaps of each in order."""

import heapq
import sqlite3
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..errors import Trouble
from ..sample import Events, Gap, Host, Instant, Item, Sample
from . import evidence
from .file import open_in_memory, open_to_read
from .schema import check, schema_of, upgrade
from .store import Store

_MOST_BYTES = 8 << 20
"""Bytes of a text; of a longer one that was pasted together the recorder keeps the statistics."""


class Boot(NamedTuple):
    """A boot in a recording; None is unknown. `wall` and `uptime` are of when it was met."""

    id: int
    boot_id: str | None
    host: str | None
    kernel: str | None
    cpus: int | None
    cmdline: str | None
    version: str | None
    wall: float | None
    uptime: float

    def as_host(self) -> Host:
        """What a sample of this boot says of its machine."""
        return Host(self.host, self.kernel, self.cpus, self.boot_id)


class Storm(NamedTuple):
    """A time in which failures grew without a long pause.

    `began` and `ended` are seconds since boot of its first and last growth, `wasted` bytes;
    `peak_rate` bytes a second, None where no time passed.
    """

    id: int
    began: float
    ended: float
    failures: int
    wasted: float
    peak_rate: float | None
    peak_at: float | None


class Totals(NamedTuple):
    """A boot in numbers. `began` and `ended`: seconds since boot of the first and last look.

    `gaps_s`: seconds without a text. `reads` readings whose time is known took `read_s` seconds.
    """

    texts: int
    gaps: int
    gaps_s: float
    reads: int
    read_s: float
    began: float
    ended: float


class Kept(NamedTuple):
    """An item of a recording, and until when (seconds since boot) it was found to stand.

    `id` is its row; `run` is None for a gap, and for a text that holds no statistics.
    `still`: later looks were at a file that nobody had written to.
    """

    item: Item
    until: float
    id: int
    run: int | None = None
    still: bool = False

    @property
    def order(self) -> tuple[float, bool, int]:
        """By which the items of a boot are sorted."""
        return self.item.at.uptime, isinstance(self.item, Sample), self.id

    def look(self, uptime: float) -> Item:
        """The item as a look at that moment found it again."""
        at = self.item.at
        wall = None if at.wall is None else at.wall + uptime - at.uptime
        again = self.item._replace(at=Instant(uptime, wall))
        return again._replace(fresh=False) if self.still and isinstance(again, Sample) else again

    def looks(self) -> Iterator[Item]:
        """When it came, and the last look that found it."""
        yield self.item
        if self.until > self.item.at.uptime:
            yield self.look(self.until)


_MOST_BOOTS = 10_000
"""Boots that are looked at: a hundred a day for a hundred days."""


class Recording:
    """A recording to be read. Raises SourceError when it is none, or of a newer kmodtop.

    `store`: one that is open already, as that of a recorder.
    """

    def __init__(self, path: str, store: Store | None = None) -> None:
        self.path = path
        self.store = store or open_recording(path)
        self._bases: dict[int, bytes] = {}
        # Gaps of schema 2 have their sentence only.
        parts = ", what, fix, subject" if schema_of(self.store) >= 3 else ", NULL, NULL, NULL"
        self._gap_columns = f"id, uptime, wall, until, code, sentence{parts}"

    def boots(self) -> list[Boot]:
        """All boots, oldest first."""
        columns = "id, boot_id, host, kernel, cpus, cmdline, version, wall, coalesce(uptime, 0)"
        sql = f"SELECT {columns} FROM boot ORDER BY id LIMIT {_MOST_BOOTS}"  # noqa: S608
        return [Boot(*row) for row in self.store.rows("iTTTITTWu", sql)]

    def items(self, boot: Boot) -> Iterator[Item]:
        """Every changed text and gap of a boot in order; unchanged ones once more at their end."""
        for kept in self.kept(boot):
            yield from kept.looks()

    def kept(
        self, boot: Boot, after: float = float("-inf"), upto: float = float("inf")
    ) -> Iterator[Kept]:
        """What came after and up to those moments (seconds since boot), in order."""
        times = (boot.id, after, upto)
        samples = self._samples(boot, "uptime > ? AND uptime <= ? ORDER BY uptime, id", times)
        gaps = self._gaps("uptime > ? AND uptime <= ? ORDER BY uptime, id", times)
        return heapq.merge(samples, gaps, key=lambda kept: kept.order)

    def last_sample(self, boot: Boot, upto: float, accepted: bool = False) -> Kept | None:
        """The last text up to that moment; `accepted`: the last that holds statistics."""
        which = " AND run IS NOT NULL" if accepted else ""
        where = f"uptime <= ?{which} ORDER BY uptime DESC, id DESC LIMIT 1"
        return next(self._samples(boot, where, (boot.id, upto)), None)

    def first_sample(self, boot: Boot) -> Kept | None:
        """The first text that holds statistics."""
        where = "run IS NOT NULL ORDER BY uptime, id LIMIT 1"
        return next(self._samples(boot, where, (boot.id,)), None)

    def last_gap(self, boot: Boot, upto: float) -> Kept | None:
        """The last gap that had begun by that moment."""
        where = "uptime <= ? ORDER BY uptime DESC, id DESC LIMIT 1"
        return next(self._gaps(where, (boot.id, upto)), None)

    def sample(self, boot: Boot, row: int) -> Kept:
        """The text of that row. Raises SourceError where there is none."""
        found = next(self._samples(boot, "id = ?", (boot.id, row)), None)
        if found is None:
            raise self.store.damaged(f"text {row} is missing")
        return found

    def accepted(self, boot: Boot, run: int, row: int) -> Kept | None:
        """The last text of the run up to that row that was not thinned out."""
        where = "run = ? AND id <= ? ORDER BY id DESC LIMIT 1"
        return next(self._samples(boot, where, (boot.id, run, row), by_time=False), None)

    def _samples(
        self, boot: Boot, where: str, values: tuple[Any, ...], by_time: bool = True
    ) -> Iterator[Kept]:
        """`by_time`: by the index of times; else in the order of rows."""
        host = boot.as_host()
        columns = "id, uptime, wall, until, fresh, settled, read_s, run, base, data"
        of = "boot = ?" if by_time else "+boot = ?"
        sql = f"SELECT {columns} FROM sample WHERE {of} AND size > 0 AND {where}"  # noqa: S608
        for row, uptime, wall, until, fresh, settled, read_s, run, base, data in self.store.rows(
            "iuWuiiRIIb", sql, values
        ):
            text = self._unpack(row, base, data)
            sample = Sample(Instant(uptime, wall), text, host, True, bool(settled), read_s)
            yield Kept(sample, max(until, uptime), row, run, not fresh)

    def _gaps(self, where: str, values: tuple[Any, ...]) -> Iterator[Kept]:
        sql = f"SELECT {self._gap_columns} FROM gap WHERE boot = ? AND {where}"  # noqa: S608
        for row, uptime, wall, until, code, sentence, what, fix, subject in self.store.rows(
            "iuWuttTTT", sql, values
        ):
            why = Trouble(code, what or sentence, fix or "", subject or "")
            yield Kept(Gap(Instant(uptime, wall), why), max(until, uptime), row)

    def _unpack(self, row: int, base: int | None, data: bytes) -> bytes:
        try:
            if base is None:
                return _unzip(zlib.decompressobj(), data)
            return _unzip(zlib.decompressobj(zdict=self._dictionary(base)), data)
        except zlib.error as error:
            raise self.store.damaged(f"text {row}: {error}") from None

    def _dictionary(self, row: int) -> bytes:
        """The text that others are packed with. A few are kept: neighbours share one."""
        if row not in self._bases:
            found = self.store.row("b", "SELECT data FROM sample WHERE id = ?", (row,))
            if found is None:
                raise self.store.damaged(f"text {row}, with which others are packed, is missing")
            if len(self._bases) > 15:
                self._bases.clear()
            self._bases[row] = _unzip(zlib.decompressobj(), found[0])
        return self._bases[row]

    def storms(self, boot: Boot) -> list[Storm]:
        """The storms of a boot, oldest first."""
        columns = "id, began, ended, failures, wasted, peak_rate, peak_at"
        sql = f"SELECT {columns} FROM storm WHERE boot = ? ORDER BY began"  # noqa: S608
        return [Storm(*row) for row in self.store.rows("iuuirRU", sql, (boot.id,))]

    def evidence(self, boot: Boot) -> dict[str, bytes]:
        """What is known beside the texts, as named pieces. Raises SourceError."""
        return evidence.kept(self.store, boot.id)

    def heard(self, boot: Boot, after: int = 0) -> Iterator[tuple[int, Events]]:
        """(row, events) of what was heard between the texts, in that order, after that row.

        Raises SourceError.
        """
        return evidence.heard(self.store, boot.id, after)

    def counts(self, boot: Boot) -> tuple[int, float]:
        """(changed texts, seconds since boot of the last look) of a boot."""
        sql = "SELECT count(*) FROM sample WHERE boot = ?"
        last = (
            "SELECT max(uptime, until) FROM sample WHERE boot = ?"
            " ORDER BY uptime DESC, id DESC LIMIT 1"
        )
        until = self.store.row("u", last, (boot.id,))
        return self.store.one("i", sql, (boot.id,)), until[0] if until else 0.0

    def has_several(self, boot: Boot) -> bool:
        """Whether there is more than one text."""
        sql = "SELECT count(*) FROM (SELECT 1 FROM sample WHERE boot = ? LIMIT 2)"
        several: int = self.store.one("i", sql, (boot.id,))
        return several > 1

    def was_watched(self, boot: Boot) -> bool:
        """Whether there was more than one look."""
        sql = "SELECT 1 FROM sample WHERE boot = ? AND until > ? LIMIT 1"
        return self.has_several(boot) or bool(self.store.row("i", sql, (boot.id, boot.uptime)))

    def totals(self, boot: Boot) -> Totals:
        """All of a boot in numbers."""
        texts, began, ended, reads, read_s = self.store.row(
            "iUUir",
            "SELECT count(*), min(uptime), max(max(uptime, until)), count(read_s),"
            " coalesce(sum(read_s), 0) FROM sample WHERE boot = ?",
            (boot.id,),
        ) or (0, None, None, 0, 0.0)
        gaps, first, last, gaps_s = self.store.row(
            "iUUr",
            "SELECT count(*), min(uptime), max(max(uptime, until)),"
            " coalesce(sum(max(0, until - uptime)), 0) FROM gap WHERE boot = ?",
            (boot.id,),
        ) or (0, None, None, 0.0)
        known = [at for at in (began, ended, first, last) if at is not None]
        span = min(known, default=0.0), max(known, default=0.0)
        return Totals(texts, gaps, gaps_s, reads, read_s, *span)

    def close(self) -> None:
        """Gives the file free."""
        self.store.close()


def _unzip(unpacker: Any, data: bytes) -> bytes:
    """At most _MOST_BYTES: a foreign file may hold anything. Raises zlib.error."""
    text: bytes = unpacker.decompress(data, _MOST_BYTES)
    if not unpacker.eof:
        raise zlib.error("it is cut, or larger than any text")
    return text


def open_recording(path: str) -> Store:
    """A recording to be read; of the oldest kind a copy in memory. Raises SourceError."""
    store = open_to_read(path)
    if check(store) < 2:
        copy = open_in_memory()
        try:
            store.db.backup(copy.db)
        except sqlite3.Error as error:
            raise store.damaged(str(error)) from None
        finally:
            store.close()
        store = copy
        store.path = path
        try:
            upgrade(store)
        except sqlite3.Error as error:
            raise store.damaged(str(error)) from None
    return store
