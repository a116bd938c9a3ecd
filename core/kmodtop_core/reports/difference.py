"""What changed from one snapshot to another of the same boot."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .. import units
from ..errors import Exit, SourceError, Trouble
from ..plain import fit, harmless, width
from ..stats.values import COUNTERS, Duplicate
from ..tracking.changes import NO_CHANGE, Change, change, reset_reason
from ..tracking.rows import keyed
from .report import Snapshot, wasted


class ModuleChange(NamedTuple):
    """A module whose count differs; None where it is not in that table."""

    module: str
    before: int | None
    after: int | None
    reasons: list[str]


class Difference(NamedTuple):
    """`moved` has only the counters that changed; `seconds` between the two, None if unknown.

    `across` boots the levels stand side by side, and nothing is subtracted: `moved` is empty.
    """

    a: Snapshot
    b: Snapshot
    moved: Change
    modules: list[ModuleChange]
    seconds: float | None
    across: bool = False

    @property
    def is_none(self) -> bool:
        """Whether nothing differs."""
        levels = self.a.block.stats.counters(), self.b.block.stats.counters()
        differs = self.across and any(x != y for x, y in zip(*levels, strict=True))
        return not (self.moved.deltas or self.modules or differs)


def difference(a: Snapshot, b: Snapshot, across: bool = False) -> Difference:
    """From `a` to `b`; the levels side by side if they are of different boots, or `across` says so.

    Raises SourceError where counters fell and nobody knows whether that was a new boot: there a
    difference means nothing.
    """
    before, after = a.sample.host.boot_id, b.sample.host.boot_id
    hosts = a.sample.host, b.sample.host
    kernels = {host.kernel for host in hosts if host.kernel}
    if across or len(kernels) > 1 or (before and after and before != after):
        return Difference(a, b, NO_CHANGE, _modules(a, b), None, across=True)
    moved = change(a.block.stats, b.block.stats)
    unknown = {*a.block.missing, *b.block.missing}
    moved = moved._replace(deltas={n: d for n, d in moved.deltas.items() if n not in unknown})
    reason = _reset(a, b, moved)
    if reason:
        back = change(b.block.stats, a.block.stats)
        turned = not _reset(b, a, back)
        advice = "name the older one first, or " if turned else ""
        advice += "compare their levels with --across-boots"
        names = f"{harmless(a.source)} and {harmless(b.source)}"
        raise SourceError(
            Trouble("reset", f"are of different boots, {reason}", advice, names), Exit.USAGE
        )
    seconds = b.sample.at.uptime - a.sample.at.uptime if before and after else None
    return Difference(a, b, moved, _modules(a, b), seconds)


def _reset(a: Snapshot, b: Snapshot, moved: Change) -> str | None:
    if a.sample.host.boot_id and b.sample.host.boot_id:
        return None
    if a.block.lacks or b.block.lacks:
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
    """For other programs; only what differs. Across boots no delta is known."""
    old, new = found.a.block.stats, found.b.block.stats
    was, now = wasted(found.a.block), wasted(found.b.block)
    differ = [n for n in COUNTERS if old.counter(n) != new.counter(n)] if found.across else []
    return {
        "schema": "kmodtop.diff/1",
        "a": found.a.source,
        "b": found.b.source,
        "across_boots": found.across,
        "delta_s": None if found.seconds is None else round(found.seconds, 3),
        "counters": {
            name: {
                "a": _level(found.a, name),
                "b": _level(found.b, name),
                "delta": found.moved.deltas.get(name),
            }
            for name in (differ or found.moved.deltas)
        },
        "virtual_mem_wasted_bytes": {
            "a": was,
            "b": now,
            "delta": None if was is None or now is None or found.across else now - was,
        },
        "duplicates": [
            {
                "module": m.module,
                "a": m.before,
                "b": m.after,
                "delta": (None if m.after is None or found.across else m.after - (m.before or 0)),
                "reasons": m.reasons,
            }
            for m in found.modules
        ],
    }


def _level(snapshot: Snapshot, name: str) -> int | None:
    block = snapshot.block
    return None if name in block.missing else block.stats.counter(name)


def difference_text(found: Difference, how: str = "iec") -> str:
    """For people."""
    return "\n".join(_lines(found, how)) + "\n"


def _lines(found: Difference, how: str) -> Iterator[str]:
    if found.across:
        yield from _side_by_side(found, how)
        return
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


def _side_by_side(found: Difference, how: str) -> Iterator[str]:
    yield "Different boots or kernels: levels side by side, nothing is subtracted."
    for letter, snapshot in (("A", found.a), ("B", found.b)):
        host = snapshot.sample.host
        facts = [host.name, f"kernel {host.kernel}" if host.kernel else None,
                 f"{host.cpus} CPUs" if host.cpus else None]  # fmt: skip
        about = harmless(", ".join(filter(None, facts)))
        yield f"{letter}  {harmless(snapshot.source)}{': ' if about else ''}{about}"
    yield ""
    yield f"{'':<26} {'A':>18} {'B':>18}"
    sizes = [wasted(snapshot.block) for snapshot in (found.a, found.b)]
    shown = ["?" if size is None else units.size(size, how) for size in sizes]
    yield f"{'wasted':<26} {shown[0]:>18} {shown[1]:>18}"
    for name in COUNTERS:
        levels = [_level(snapshot, name) for snapshot in (found.a, found.b)]
        told = ["?" if level is None else units.count(level) for level in levels]
        yield f"{name:<26} {told[0]:>18} {told[1]:>18}"
    if found.modules:
        yield ""
        names = [harmless(m.module) for m in found.modules]
        wide = max([width(name) for name in names] + [len("duplicate module")])
        yield f"{fit('duplicate module', wide)} {'A':>8} {'B':>8}"
        for name, m in zip(names, found.modules, strict=True):
            a, b = ("-" if n is None else units.count(n) for n in (m.before, m.after))
            yield f"{fit(name, wide)} {a:>8} {b:>8}"


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
