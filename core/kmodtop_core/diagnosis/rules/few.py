"""Few failures, or other ones: races, init functions that refuse, what is no duplicate."""

from collections.abc import Iterator

from ... import units
from ...stats.block import ABSURD_BYTES
from ..case import Case
from ..finding import Advice, Confidence, Finding, Side
from ..patterns import FEW
from .devices import explained
from .words import by_waste, each, named, of_rows, times_of, were


def races(case: Case) -> Iterator[Finding]:
    """One to three refusals: two that met."""
    if case.evidence.simulated:
        return
    explained_rows = {row.module for group in explained(case) for row in group}
    rows = [r for r in case.open_rows if r.times <= FEW and r.module not in explained_rows]
    if not rows:
        return
    rows = by_waste(case, rows)
    yield of_rows(
        case,
        "race",
        "loaders that met",
        f"{were(rows)} refused {times_of(rows)}{each(rows)}: asked for by two or more at"
        " the same time, mostly as something that others need",
        rows,
        evidence=(f"{named([row.module for row in rows])}: at most {FEW} each",),
    )


def refused_inits(case: Case) -> Iterator[Finding]:
    """Modules that were asked for often and are not loaded."""
    live = case.evidence.live
    if live is None:
        return
    rows = by_waste(case, [r for r in case.rows if r.times > FEW and r.module not in live])
    if not rows:
        return
    names = tuple(row.module for row in rows)
    yield Finding(
        "init-refused",
        "asked for, but not loaded",
        f"{named(names)} {'is' if len(rows) == 1 else 'are'} not loaded: an init function that"
        " refuses (no such hardware) is tried again at each request",
        Side.UNKNOWN,
        Confidence.POSSIBLE,
        None,
        names,
        None,
        None,
        ("/proc/modules does not list them",),
        ("they may have been unloaded since",),
        (Advice("see what it says", "sudo dmesg | grep -iE 'module|no such device'"),),
    )


def _other(case: Case, other: int) -> str:
    of_all = f"{units.count(other)} of {units.counted(case.block.stats.failures, 'failure')}"
    return f"{of_all} was no duplicate" if other == 1 else f"{of_all} were no duplicates"


def _watched(case: Case) -> str:
    """How many of them came while it was watched."""
    if case.others is None:
        return ""
    return f", {units.count(case.others)} of them while it was watched"


def not_duplicates(case: Case) -> Iterator[Finding]:
    """Failures that the table does not account for."""
    other = case.block.other
    if other is not None and other > 0:
        yield Finding(
            "not-duplicates",
            "failures that are no duplicates",
            f"{_other(case, other)}{_watched(case)}: bad file, signature, version or symbols",
            Side.UNKNOWN,
            Confidence.CERTAIN,
            None,
            (),
            None,
            None,
            ("failures less the sum of the table",),
            (),
            (Advice("see which", "sudo dmesg | grep -iE 'module|symbol|signature|version magic'"),),
        )


def early_failures(case: Case) -> Iterator[Finding]:
    """Files that could not be read, or not be unpacked."""
    stats = case.block.stats
    for rule, number, wasted, what in (
        ("kread", stats.failed_kreads, stats.invalid_kread_bytes, "read"),
        ("decompress", stats.failed_decompress, stats.invalid_decompress_bytes, "unpacked"),
    ):
        if number:
            yield Finding(
                rule,
                f"files that could not be {what}",
                f"{units.counted(number, 'request')} failed as the file could not be {what}",
                Side.UNKNOWN,
                Confidence.CERTAIN,
                None,
                (),
                None,
                wasted if wasted < ABSURD_BYTES else None,
                ("the kernel's counter",),
                (),
                (Advice("see why", "sudo dmesg | grep -iE 'module|vmalloc|vmap|out of memory'"),),
            )
