"""By counts alone, where nothing is known of devices."""

from collections.abc import Iterator, Sequence

from ... import units
from .. import advice
from ..case import Case
from ..evidence.cpu_driven import is_cpu_driven
from ..finding import Confidence, Finding, Side
from ..module_bytes import usual_shares
from ..patterns import FEW, width
from .devices import UDEV
from .words import by_waste, each, most_often, named, of_rows, times_of, total, were

LEAST_WIDTH = 31
"""Equal counts from which on they can point to CPUs: a loop that asks as often is not likely.
With fewer, counts alone have accused udev falsely (four of thirteen measured cases)."""


def _costly(case: Case, names: Sequence[str]) -> str:
    """Which of them cost most, as far as that is known or usual."""
    if (wasted := case.wasted_by(names[:1])) is not None:
        return f"{named(names)} cost most, {units.size(wasted)} the first of them"
    usual = [m for m, _ in usual_shares(case.block.stats) if m in names]
    if not usual:
        return f"{named(names)} were refused most"
    return f"{named(usual)} cost most, if they are as long as usual"


def by_counts(case: Case) -> Iterator[Finding]:
    """Equal counts of modules with an alias for CPUs, where nothing is known of devices."""
    if case.evidence.devices is not None or case.evidence.simulated:
        return
    wide = width(case.open_rows)
    if wide is None or (case.cpus is not None and wide >= case.cpus):
        return
    rows = [r for r in case.open_rows if is_cpu_driven(r.module) and FEW < r.times <= wide]
    rows = by_waste(case, rows)
    names = tuple(row.module for row in rows)
    equal = [row for row in case.open_rows if row.times == wide]
    enough = wide >= LEAST_WIDTH
    cpus = f"the {case.cpus} CPUs" if case.cpus else f"at least {wide + 1} CPUs"
    evidence = [
        f"{len(equal)} modules end at {units.count(wide)}, as if each of {cpus} had asked once"
        " and one had won",
        f"{named([r.module for r in equal])} have an alias for CPUs in their source, or are needed"
        " by such modules",
    ]
    against = ["counts alone: a loop that asks as often looks the same"]
    if not enough:
        against.append(f"counts below {LEAST_WIDTH} are met by chance, so nobody is named")
    yield Finding(
        "per-cpu",
        "as if asked for once per CPU",
        f"{were(rows)} refused up to {units.count(wide)} times, as udev does that asks once for"
        f" each CPU; {_costly(case, names)}",
        Side.USERSPACE if enough else Side.UNKNOWN,
        Confidence.POSSIBLE,
        UDEV if enough else None,
        names,
        total(rows),
        case.wasted_by(names),
        tuple(evidence),
        tuple(against),
        (
            *advice.on_folding(case),
            *advice.on_collecting(),
            *advice.on_asking(),
        ),
    )


def repeated(case: Case) -> Iterator[Finding]:
    """Many refusals that no pattern explains, where nothing is known of devices."""
    if case.evidence.devices is not None or case.evidence.simulated:
        return
    wide = width(case.open_rows)
    rows = [
        r
        for r in case.open_rows
        if r.times > FEW and not (wide and is_cpu_driven(r.module) and r.times <= wide)
    ]
    if not rows:
        return
    rows = by_waste(case, rows)
    yield of_rows(
        case,
        "again",
        "asked for again and again",
        f"{were(rows)} refused {times_of(rows)}{each(rows)};"
        " who asked is not told by these numbers",
        rows,
        evidence=(f"most often: {named(most_often(rows))}",),
        against=("devices of one kind, as many as that, would look the same",),
        next=(*advice.on_collecting(), *advice.on_asking()),
    )
