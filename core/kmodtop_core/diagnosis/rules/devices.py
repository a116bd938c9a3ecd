"""By the devices that lead to a module: the law of aliases."""

from collections.abc import Iterator

from ... import units
from ...plain import harmless
from ...stats.values import Duplicate
from .. import advice
from ..case import Case
from ..finding import Confidence, Finding, Side
from ..patterns import FEW, LEAST_DEVICES
from .words import by_waste, each, of_rows, them, times_of, total, were

UDEV = "udev"

NEAR = 0.9
MANY = 31
"""Part of the devices' requests from which on nearly all were refused; with fewer than that many
it must be all but the one that won, as a loop may make about as many."""

LEAST_DUPLICATES = 12
"""Refusals of modules of which nearly all requests were refused, that make it likely: a few are
met by whoever inserts a module again, and a loop of four on four CPUs is no cold plug."""


def explained(case: Case) -> tuple[list[Duplicate], list[Duplicate]]:
    """Rows that one request a device explains: those of CPUs, those of other devices."""
    cpus: list[Duplicate] = []
    others: list[Duplicate] = []
    for row in case.open_rows:
        expected = case.expected(row.module)
        if expected and expected.devices >= LEAST_DEVICES and 2 <= row.times <= expected.most:
            (cpus if expected.is_cpu else others).append(row)
    return cpus, others


def udev_by_devices(case: Case) -> Iterator[Finding]:
    """As many requests as devices lead to, and not more: the law of aliases."""
    cpus, others = explained(case)
    if cpus:
        yield _udev(case, cpus, "per-cpu", "udev asked once per CPU")
    if others:
        yield _udev(case, others, "per-device", "udev asked once per device")


def _is_near(case: Case, row: Duplicate) -> bool:
    """Whether as good as every device's request was refused but one, as in a cold plug."""
    expected = case.expected(row.module)
    if expected is None:
        return False
    least = NEAR * expected.most if expected.most >= MANY else expected.most
    return row.times >= least


def _udev(case: Case, rows: list[Duplicate], rule: str, title: str) -> Finding:
    rows = by_waste(case, rows)
    names = tuple(row.module for row in rows)
    devices = max(case.expected(m).devices for m in names)  # type: ignore[union-attr]
    evidence = [
        f"{devices} devices carry a MODALIAS that leads to {them(rows)}"
        + (" (cpu:type:...)" if rule == "per-cpu" else "")
        + f": of as many requests all but one are refused, so {devices - 1} at most",
        f"no module of these was refused more often: {times_of(rows)}",
    ]
    resolves = case.evidence.devices is not None and case.evidence.devices.resolves
    near = [row for row in rows if _is_near(case, row)]
    is_likely = resolves and total(near) >= LEAST_DUPLICATES
    if not resolves:
        evidence.append("that CPUs lead to these is known from their source, not modules.alias")
    return Finding(
        rule,
        title,
        f"{title}: {were(rows)} refused {times_of(rows)}{each(rows)},"
        f" {units.count(total(rows))} of {units.count(case.block.stats.failures)} failures",
        Side.USERSPACE,
        Confidence.LIKELY if is_likely else Confidence.POSSIBLE,
        UDEV,
        names,
        total(rows),
        case.wasted_by(names),
        tuple(evidence),
        ("somebody else who asks for the same modules as often would look the same",),
        (*advice.on_folding(case), *advice.on_unused(case, names), *advice.on_asking()),
    )


def beyond_devices(case: Case) -> Iterator[Finding]:
    """More than devices explain: somebody asked again, or somebody else did."""
    rows = []
    for row in case.open_rows:
        expected = case.expected(row.module)
        if expected and row.times > max(FEW, expected.most) and expected.devices:
            rows.append(row)
    if not rows:
        return
    rows = by_waste(case, rows)
    excess = [
        f"{harmless(r.module)[:40]}: {r.times} refusals, {e.devices} devices"
        for r in rows[:4]
        if (e := case.expected(r.module))
    ]
    yield of_rows(
        case,
        "again",
        "asked for again",
        f"{were(rows)} refused more often than devices explain ({times_of(rows)}):"
        " somebody else asked too, or udev was triggered again",
        rows,
        confidence=Confidence.LIKELY,
        evidence=tuple(excess),
        next=tuple(advice.on_asking()),
    )


def without_devices(case: Case) -> Iterator[Finding]:
    """No device leads to them, so that udev had no reason to ask."""
    rows = [
        row
        for row in case.open_rows
        if row.times > FEW and (e := case.expected(row.module)) and not e.devices
    ]
    if not rows:
        return
    rows = by_waste(case, rows)
    yield of_rows(
        case,
        "again",
        "not for a device",
        f"{were(rows)} refused {times_of(rows)}{each(rows)} though no device leads to"
        f" {them(rows)}: a program, a service or the kernel's autoloader;"
        " which, these numbers do not tell",
        rows,
        evidence=(
            f"no MODALIAS of this machine leads to {them(rows)}, by modules.alias and modules.dep",
        ),
        against=(f"a device that is gone by now may have led to {them(rows)}",),
        next=tuple(advice.on_asking()),
    )
