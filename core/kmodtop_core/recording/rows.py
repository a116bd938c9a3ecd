"""Rows: what a recorder writes, statement by statement; whoever calls begins the transaction."""

import zlib

from ..sample import Gap, Host, Instant, Sample
from ..stats.parse import NoStatistics, parse
from ..stats.values import COUNTERS
from .store import Store

_KEEP = 64
"""Changed texts after which one is stored without a dictionary, so that few have to be unpacked."""

_LEVEL = 6
"""Of zlib: 9 takes ten times as long with a dictionary, for a hundredth of the bytes."""

_MOST_TEXT = 1 << 20
"""Bytes of a text, from which on only the statistics in it are kept."""

_INSERT_SAMPLE = (
    "INSERT INTO sample (id, boot, uptime, wall, until, fresh, settled, read_s, run,"  # noqa: S608
    f" {', '.join(COUNTERS)}, size, base, data) VALUES ({', '.join('?' * (12 + len(COUNTERS)))})"
)

Row = tuple[str, int]
"""(table, id) of a text or of a gap."""


class Rows:
    """Writes into one recording. Its methods raise sqlite3.Error."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._base: tuple[int, bytes] | None = None
        self._since_base = 0

    def begin(self) -> None:
        """No text of what was written before serves as a dictionary any more."""
        self._base, self._since_base = None, 0

    def next_text(self) -> int:
        """The id of the next text."""
        found: int = self._store.one("i", "SELECT coalesce(max(id), 0) + 1 FROM sample")
        return found

    def last_gap(self) -> int:
        """The id of the last gap; 0 when there is none."""
        found: int = self._store.one("i", "SELECT coalesce(max(id), 0) FROM gap")
        return found

    def text(
        self, row: int, boot: int, sample: Sample, run: int | None, counters: list[int | None]
    ) -> Row:
        """A text, with the counters of its index; one that begins its run is packed alone."""
        base, packed = self._pack(sample.text, alone=run == row)
        at = sample.at
        self._store.write(
            _INSERT_SAMPLE,
            (row, boot, at.uptime, at.wall, at.uptime, 1, sample.settled, sample.read_s, run,
             *counters, len(sample.text), base, packed),
        )  # fmt: skip
        if base is None:
            self._base, self._since_base = (row, sample.text), 0
        return "sample", row

    def _pack(self, text: bytes, alone: bool) -> tuple[int | None, bytes]:
        """(row whose text is the dictionary or None, packed text)."""
        self._since_base += 1
        if self._base is None or self._since_base >= _KEEP or alone:
            return None, zlib.compress(text, _LEVEL)
        packer = zlib.compressobj(_LEVEL, zdict=self._base[1])
        return self._base[0], packer.compress(text) + packer.flush()

    def gap(self, boot: int | None, gap: Gap) -> Row:
        """A time without text; without a boot until the first text tells which it is."""
        at, why = gap.at, gap.why
        cursor = self._store.write(
            "INSERT INTO gap (boot, uptime, wall, until, code, sentence, what, fix, subject)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (boot, at.uptime, at.wall, at.uptime, why.code, why.sentence, why.what, why.fix,
             why.subject),
        )  # fmt: skip
        return "gap", cursor.lastrowid or 0

    def stood(self, row: Row, until: float) -> None:
        """The row stood until the last look that found it (seconds since boot)."""
        sql = f"UPDATE {row[0]} SET until = max(until, ?) WHERE id = ?"  # noqa: S608 - own name
        self._store.write(sql, (until, row[1]))

    def settled(self, row: Row) -> None:
        """The text was whole: it still stands, and nobody has written since."""
        self._store.write("UPDATE sample SET settled = 1 WHERE id = ?", row[1:])

    def went_still(self, row: Row) -> None:
        """Later looks were at a file that nobody had written to."""
        self._store.write("UPDATE sample SET fresh = 0 WHERE id = ?", row[1:])

    def boot(self, host: Host, at: Instant, cmdline: str | None, version: str) -> None:
        """A boot, as it is met."""
        self._store.write(
            "INSERT INTO boot (boot_id, host, kernel, cpus, cmdline, version, wall, uptime)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (host.boot_id, host.name, host.kernel, host.cpus, cmdline, version, at.wall, at.uptime),
        )

    def claim_gaps(self, boot: int, after: int) -> None:
        """Gaps with higher ids than `after` that are of no boot yet are of this one, unless they
        have the time of here: the other host had not answered yet."""
        self._store.write("DELETE FROM gap WHERE boot IS NULL AND code = 'no-connection'")
        self._store.write("UPDATE gap SET boot = ? WHERE boot IS NULL AND id > ?", (boot, after))


def bounded(sample: Sample) -> Sample:
    """The statistics alone, of what was pasted together or made to fill a disk."""
    if len(sample.text) <= _MOST_TEXT:
        return sample
    try:
        block = parse(sample.text)[-1]
    except NoStatistics:
        return sample._replace(text=sample.text[:_MOST_TEXT])
    return sample._replace(text=sample.text[block.start : block.end][:_MOST_TEXT])
