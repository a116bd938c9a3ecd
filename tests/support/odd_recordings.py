"""Recordings to begin with, and how they are kept."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sample import Gap, Host, Sample
from kmodtop_core.sources.series import read_series
from support.noticing import Input
from support.samples import ROOT, SAMPLES, dup, gap, sample, stats
from support.turned_texts import OTHER, WHOLE

# ---- recordings ----------------------------------------------------------

BIG = Host("big", "6.12.9", 255, "b-1")
SMALL = Host("small", "6.4.0", 8, "b-2")


def _storm(host: Host, start: float, texts: int, step: float) -> Iterator[Sample]:
    for n in range(texts):
        rows = [dup(f"module_{k:02}", 1 + (n * (k + 3)) // 4) for k in range(1 + n // 2)]
        what = stats(*rows, failed_load_modules=n, invalid_mod_bytes=n << 20, modcount=n)
        yield sample(start + n * step, what, host)._replace(read_s=0.0001)


def _boots() -> Iterator[Sample | Gap]:
    yield gap(1)
    yield gap(2, "permission")
    yield from _storm(BIG, 3, 9, 0.1)
    yield gap(40)
    yield from _storm(SMALL, 5, 6, 1.0)
    yield sample(30, stats(dup("kvm", 3), modcount=1), SMALL)
    yield from _storm(Host(), 100, 4, 20.0)
    yield from _storm(BIG, 60, 5, 0.2)


def _oddities() -> Iterator[Sample | Gap]:
    yield sample(1, b"no statistics", BIG)
    yield sample(2, (SAMPLES / "hostile/odd-names.txt").read_bytes(), BIG, settled=False)
    yield sample(3, OTHER, BIG, fresh=False)
    yield sample(9, OTHER, BIG, fresh=False)
    yield sample(10, (SAMPLES / "limits/rows-once-180.txt").read_bytes(), BIG)
    yield gap(11)
    top = 2**64 - 1
    yield sample(12, stats(dup("a" * 55, top), invalid_kread_bytes=top, failed_kreads=7), BIG)
    yield sample(13, stats(dup("a" * 55, 1), invalid_kread_bytes=5, failed_kreads=8), BIG)
    yield sample(14, b"", BIG)
    yield sample(15, WHOLE, BIG)


def _series() -> Iterator[Sample]:
    path = SAMPLES / "series/storm-moderate.jsonl"
    items = read_series(path.read_bytes(), "series")
    last = b""
    for item in items[:: max(1, len(items) // 40)]:
        if item.text != last:
            yield item
        last = item.text


def make_recordings(folder: Path) -> None:
    """Small ones of every sort that a recorder leaves, into an empty folder."""
    told = {
        "boots": list(_boots()),
        "oddities": list(_oddities()),
        "storm": list(_storm(BIG, 5, 25, 0.3)),
        "series": list(_series()),
        "gaps": [gap(1), gap(9, "permission")],
        "empty": [],
    }
    for name, items in told.items():
        with Recorder(str(folder / f"{name}.db"), "0.1", "quiet") as recorder:
            for item in items:
                recorder.write(item)
    recorder = Recorder(str(folder / "open.db"), "0.1")
    for item in told["storm"]:
        recorder.write(item)
    for name in ("open.db", "open.db-wal"):
        shutil.copy(folder / name, folder / name.replace("open", "killed"))
    recorder.close()
    (folder / "open.db").unlink()
    shutil.copy(folder / "boots.db", folder / "old.db")
    _make_old(folder / "old.db")
    for path in folder.iterdir():
        if not re.search(r"\.db(-wal)?$", path.name):
            path.unlink()


def _make_old(path: Path) -> None:
    """As the first schema had it."""
    db = sqlite3.connect(path, isolation_level=None)
    for table in ("run", "module", "growth", "storm", "warning"):
        db.execute(f"DROP TABLE {table}")
    db.execute("DROP INDEX gap_time")
    added = [row[1] for row in db.execute("PRAGMA table_info(sample)")][5:]
    for column in added:
        if column not in ("size", "base", "data"):
            db.execute(f"ALTER TABLE sample DROP COLUMN {column}")
    db.execute("PRAGMA user_version = 1")
    db.close()


_OFTEN = {"boots": 3, "oddities": 3, "storm": 3, "series": 3, "old": 2}
"""Those that hold much are turned over more often."""


def recording_corpus(folder: Path) -> list[Input]:
    """What was made, and recordings that once were trouble."""
    kept = sorted((ROOT / "tests/corpus").rglob("*.db"))
    made = [path for path in sorted(folder.glob("*.db")) for _ in range(_OFTEN.get(path.stem, 1))]
    return [input_of(path) for path in (*made, *kept)]


def input_of(path: Path) -> Input:
    """The file, with those of SQLite beside it."""
    files = {end: Path(f"{path}{end}") for end in ("", "-wal", "-journal")}
    return {end: file.read_bytes() for end, file in files.items() if file.exists()}


def put(given: Input, path: Path) -> Path:
    """Writes the files of an input; nothing else is left beside them."""
    for end in ("", "-wal", "-journal", "-shm", ".lock"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    for end, data in given.items():
        Path(f"{path}{end}").write_bytes(data)
    return path


def page_size(data: bytes) -> int:
    """As the header tells it; 1,024 when it tells nonsense."""
    size = int.from_bytes(data[16:18], "big")
    return size if size >= 512 and not size & (size - 1) else 1024
