"""The samples, and builders of what a source yields."""

from pathlib import Path

from kmodtop_core.errors import Trouble
from kmodtop_core.sample import NOWHERE, Gap, Host, Instant, Sample
from kmodtop_core.stats.parse import render
from kmodtop_core.stats.values import Duplicate, FailReason, ModuleStats

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
KERNEL_FOLDERS = ("states", "races", "limits", "kread", "hostile")
"""Folders of samples whose files are a kernel's own bytes, one read each."""


def kernel_texts() -> list[Path]:
    """Every sample that a kernel printed."""
    return sorted(path for name in KERNEL_FOLDERS for path in (SAMPLES / name).glob("*.txt"))


def dup(module: str, times: int, reason: FailReason = FailReason.BECOMING) -> Duplicate:
    """A row of the table."""
    return Duplicate(module, times, reason)


def stats(*rows: Duplicate, **counters: int) -> ModuleStats:
    """Statistics in which becoming failures are the rows' sum, 1,000 bytes each, unless said."""
    times = sum(row.times for row in rows)
    values = {"modcount": 5, "failed_becoming": times, "invalid_becoming_bytes": times * 1000}
    return ModuleStats(**(values | counters), duplicates=rows)


def sample(
    at: float,
    what: ModuleStats | bytes,
    host: Host = NOWHERE,
    fresh: bool = True,
    settled: bool = True,
) -> Sample:
    """A text at a time (seconds)."""
    text = what if isinstance(what, bytes) else render(what)
    return Sample(Instant(at, 1_700_000_000 + at), text, host, fresh, settled)


def gap(at: float, code: str = "missing") -> Gap:
    """No text at a time (seconds)."""
    return Gap(Instant(at), Trouble(code, f"{code}: gone", "wait"))


def rewrite(path: Path, data: bytes) -> None:
    """In place."""
    path.write_bytes(data)


def replace(path: Path, data: bytes) -> None:
    """By a new file that is renamed over it."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.replace(path)


def recreate(path: Path, data: bytes) -> None:
    """Deleted, then written anew."""
    path.unlink()
    path.write_bytes(data)


def append(path: Path, data: bytes) -> None:
    """After what is there."""
    with path.open("ab") as file:
        file.write(data)


CHANGES = (rewrite, replace, recreate, append)
"""The ways in which a file comes by another text."""
