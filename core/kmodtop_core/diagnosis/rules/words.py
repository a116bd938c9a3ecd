"""What the sentences of rules have in common."""

from collections.abc import Sequence
from typing import Any

from ... import units
from ...plain import harmless
from ...stats.values import Duplicate
from ..case import Case
from ..finding import Confidence, Finding, Side


def named(modules: Sequence[str], most: int = 3) -> str:
    """A few of them, and how many more."""
    shown = ", ".join(harmless(m)[:40] for m in modules[:most])
    return shown + (f" and {len(modules) - most} more" if len(modules) > most else "")


def times_of(rows: Sequence[Duplicate]) -> str:
    """How often: once, or from how often to how often."""
    low, high = min(r.times for r in rows), max(r.times for r in rows)
    if high == 1:
        return "once"
    return (
        f"{units.count(low)} to {units.count(high)} times"
        if low < high
        else f"{units.count(high)} times"
    )


def them(rows: Sequence[Duplicate]) -> str:
    """It, or them."""
    return "it" if len(rows) == 1 else "them"


def were(rows: Sequence[Duplicate]) -> str:
    return f"{len(rows)} modules were" if len(rows) != 1 else f"{harmless(rows[0].module)} was"


def each(rows: Sequence[Duplicate]) -> str:
    return " each" if len(rows) != 1 else ""


def by_waste(case: Case, rows: Sequence[Duplicate]) -> list[Duplicate]:
    """The most wasteful first, as far as that is known; then the most often refused."""
    wasted = {m: e.bytes for e in case.modules if len(e.modules) == 1 for m in e.modules}
    return sorted(rows, key=lambda r: (-wasted.get(r.module, 0), -r.times, r.module))


def most_often(rows: Sequence[Duplicate]) -> list[str]:
    """The modules, the most often refused first."""
    return [row.module for row in sorted(rows, key=lambda r: (-r.times, r.module))]


def total(rows: Sequence[Duplicate]) -> int:
    return sum(row.times for row in rows)


def of_rows(
    case: Case, rule: str, title: str, sentence: str, rows: Sequence[Duplicate], **more: Any
) -> Finding:
    """A possible finding about these rows that names nobody; `more` are other fields."""
    names = tuple(row.module for row in rows)
    finding = Finding(rule, title, sentence, Side.UNKNOWN, Confidence.POSSIBLE, modules=names)
    return finding._replace(duplicates=total(rows), wasted=case.wasted_by(names), **more)
