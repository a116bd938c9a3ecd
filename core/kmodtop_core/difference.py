"""What changed from one snapshot to another of the same boot."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from . import units
from .changes import Change, change, reset_reason
from .errors import SourceError, Trouble
from .modules import keyed
from .plain import fit, harmless, width
from .report import Snapshot, wasted
from .stats import COUNTERS, Duplicate


class ModuleChange(NamedTuple):
    """A module whose count differs; None where it is not in that table."""

    module: str
    before: int | None
    after: int | None
    reasons: list[str]


class Difference(NamedTuple):
    """`moved` has only the counters that changed; `seconds` between the two, None if unknown."""

    a: Snapshot
    b: Snapshot
    moved: Change
    modules: list[ModuleChange]
    seconds: float | None

    @property
    def is_none(self) -> bool:
        """Whether nothing changed."""
        return not self.moved.deltas and not self.modules


def difference(a: Snapshot, b: Snapshot) -> Difference:
    """From `a` to `b`. Raises SourceError across a reset, which has no difference."""
    moved = change(a.block.stats, b.block.stats)
    reason = _reset(a, b, moved)
    if reason:
        back = change(b.block.stats, a.block.stats)
        turned = not _reset(b, a, back)
        advice = "name the older one first" if turned else "compare snapshots of one boot"
        names = f"{harmless(a.source)} and {harmless(b.source)}"
        raise SourceError(Trouble("reset", f"are of different boots, {reason}", advice, names), 2)
    seconds = None
    if a.sample.host.boot_id and b.sample.host.boot_id:
        seconds = b.sample.at.uptime - a.sample.at.uptime
    return Difference(a, b, moved, _modules(a, b), seconds)


def _reset(a: Snapshot, b: Snapshot, moved: Change) -> str | None:
    before, after = a.sample.host.boot_id, b.sample.host.boot_id
    if before and after:
        return "their boot ids differ" if before != after else None
    if a.block.missing or b.block.missing:
        return None
    return reset_reason(a.block.stats, b.block.stats, moved)


def _modules(a: Snapshot, b: Snapshot) -> list[ModuleChange]:
    """Those that grew most first; then those that are no longer in the table."""
    before: dict[tuple[str, int], Duplicate] = dict(keyed(a.block.stats.duplicates))
    after: dict[tuple[str, int], Duplicate] = dict(keyed(b.block.stats.duplicates))
    found = [
        ModuleChange(key[0], before[key].times if key in before else None, row.times,
                     row.reason.names)
        for key, row in after.items()
        if key not in before or before[key] != row
    ]  # fmt: skip
    found.sort(key=lambda m: -((m.after or 0) - (m.before or 0)))
    gone = [
        ModuleChange(key[0], row.times, None, row.reason.names)
        for key, row in before.items()
        if key not in after
    ]
    return found + gone


def difference_object(found: Difference) -> dict[str, Any]:
    """For other programs; only what changed."""
    old, new = found.a.block.stats, found.b.block.stats
    was, now = wasted(found.a.block), wasted(found.b.block)
    return {
        "schema": "kmodtop.diff/1",
        "a": found.a.source,
        "b": found.b.source,
        "delta_s": None if found.seconds is None else round(found.seconds, 3),
        "counters": {
            name: {"a": old.counter(name), "b": new.counter(name), "delta": delta}
            for name, delta in found.moved.deltas.items()
        },
        "virtual_mem_wasted_bytes": {
            "a": was,
            "b": now,
            "delta": None if was is None or now is None else now - was,
        },
        "duplicates": [
            {
                "module": m.module,
                "a": m.before,
                "b": m.after,
                "delta": None if m.after is None else m.after - (m.before or 0),
                "reasons": m.reasons,
            }
            for m in found.modules
        ],
    }


def difference_text(found: Difference, how: str = "iec") -> str:
    """For people."""
    return "\n".join(_lines(found, how)) + "\n"


def _lines(found: Difference, how: str) -> Iterator[str]:
    later = "" if found.seconds is None else f", {units.span(found.seconds)} later"
    yield f"From {harmless(found.a.source)} to {harmless(found.b.source)}{later}"
    if found.is_none:
        yield "Nothing changed."
        return
    was, now = wasted(found.a.block), wasted(found.b.block)
    if was is not None and now is not None:
        yield f"Virtual memory wasted: {_signed_size(now - was, how)}, now {units.size(now, how)}"
    yield ""
    old, new = found.a.block.stats, found.b.block.stats
    for name in COUNTERS:
        if name in found.moved.deltas:
            delta = found.moved.deltas[name]
            yield (
                f"{name:<26} {units.count(old.counter(name)):>18}"
                f" {units.count(new.counter(name)):>18} {delta:>+18,}"
            )
    if found.modules:
        yield ""
        yield from _table(found.modules)


def _signed_size(value: int, how: str) -> str:
    return f"{'+' if value >= 0 else ''}{units.size(value, how)}"


def _table(modules: list[ModuleChange]) -> Iterator[str]:
    names = [harmless(m.module) for m in modules]
    wide = max([width(name) for name in names] + [len("duplicate module")])
    yield f"{fit('duplicate module', wide)} {'before':>8} {'after':>8} {'more':>8}"
    for name, m in zip(names, modules, strict=True):
        if m.after is None:
            told = f"{units.count(m.before or 0):>8} {'-':>8}   no longer in the table"
        else:
            before = "-" if m.before is None else units.count(m.before)
            told = f"{before:>8} {units.count(m.after):>8} {m.after - (m.before or 0):>+8,}"
        yield f"{fit(name, wide)} {told}"
