"""Bytes a module: which of them wasted how much, and how that is known.

A failure at becoming wastes the length of the module's file, one at load twice that
(kernel/module/stats.c, mod_stat_bump_becoming(), mod_stat_bump_invalid()); the kernel
keeps the sums only. Texts in order give equations (see `ledger`), and so do texts and
file sizes together.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..stats.block import ABSURD_BYTES
from ..stats.values import FailReason, ModuleStats
from .evidence.usual_sizes import UNUSUAL, USUAL
from .ledger import Ledger

EXACT, SIZES, ESTIMATED, INSEPARABLE = "exact", "sizes", "estimated", "inseparable"
"""How a figure is known: solved from the kernel's own totals; from file sizes, which do not
quite add up to these; estimated; a sum of modules that cannot be told apart."""


class ModuleBytes(NamedTuple):
    """What modules wasted. `modules` has several names where they cannot be told apart.

    `bytes` is at most the kernel's total; `becoming_bytes` and `load_bytes` are None where
    the stages cannot be told apart. `length`: bytes of its image, None if not known. `others`:
    failures that were no duplicates, of which the figure holds the bytes too.
    """

    modules: tuple[str, ...]
    bytes: int
    becoming_bytes: int | None
    load_bytes: int | None
    basis: str
    length: int | None = None
    others: int = 0


def bytes_of(
    ledger: Ledger, stats: ModuleStats, sizes: Mapping[str, int], plain: bool = False
) -> list[ModuleBytes]:
    """What each module of the ledger wasted, most first.

    `sizes`: image lengths, bytes. `plain`: it is known that no file is packed.
    """
    total = stats.invalid_becoming_bytes + stats.invalid_mod_bytes
    if total >= ABSURD_BYTES or not ledger.tallies:
        return []
    return _Answer(ledger, stats, sizes, plain).entries()


class _Answer:
    """Lengths, then stages, then what is left over."""

    def __init__(
        self, ledger: Ledger, stats: ModuleStats, sizes: Mapping[str, int], plain: bool
    ) -> None:
        self._ledger, self._stats = ledger, stats
        self._tallies = ledger.tallies
        self._plain = plain or ledger.is_plain
        self._lengths: dict[str, tuple[int, str]] = {}
        for module in self._tallies:
            own = self._own(module)
            found = ledger.equations.length(module) if own is None else own
            if found is not None:
                sure = self._is_sure(module) and (self._plain or own is not None)
                self._lengths[module] = (found, EXACT if sure else ESTIMATED)
            if module in sizes and (found is None or self._lengths[module][1] != EXACT):
                self._lengths[module] = (sizes[module], SIZES)
        self._split()
        self._settle()

    def _is_sure(self, module: str) -> bool:
        """Whether nothing speaks against the length that was solved."""
        ledger = self._ledger
        if module in ledger.equations.doubtful:
            return False
        return not ledger.others or module in ledger.equations.confirmed

    def _own(self, module: str) -> int | None:
        """By the equations of its stage alone, where it failed at one: packed or not."""
        tally = self._tallies[module]
        if tally.either or (tally.becoming and tally.load):
            return None
        return (self._ledger.early if tally.becoming else self._ledger.late).length(module)

    def _split(self) -> None:
        """Failures whose stage is open: told apart where only one choice fits the totals."""
        known = {m: t for m, t in self._tallies.items() if m in self._lengths}
        self._choice: dict[str, tuple[int, int]] = {}
        opens = [m for m, t in self._tallies.items() if t.either]
        if not opens or any(m not in known for m in opens) or self._ledger.others:
            return
        early = self._stats.failed_becoming - sum(t.becoming for t in self._tallies.values())
        rest = self._stats.invalid_becoming_bytes - sum(
            t.becoming * self._lengths[m][0] for m, t in known.items()
        )
        if any(t.becoming and m not in known for m, t in self._tallies.items()):
            return
        found = _only_choice(
            [(m, self._tallies[m].either, self._lengths[m][0]) for m in opens], early, rest
        )
        for module, becoming in (found or {}).items():
            self._choice[module] = (becoming, self._tallies[module].either - becoming)

    def _settle(self) -> None:
        """Sizes that add up to the kernel's totals are as good as these."""
        if any(m not in self._lengths for m in self._tallies):
            return
        parts = [self._parts(m) for m in self._tallies]
        whole = [p for p in parts if p is not None]
        if len(whole) != len(parts):
            return
        early, late = sum(p[0] for p in whole), sum(p[1] for p in whole)
        stats = self._stats
        closes = (early, late) == (stats.invalid_becoming_bytes, stats.invalid_mod_bytes)
        if closes and not any(b == ESTIMATED for _, b in self._lengths.values()):
            self._lengths = {m: (n, EXACT) for m, (n, _) in self._lengths.items()}

    def _parts(self, module: str) -> tuple[int, int] | None:
        """(bytes at becoming, bytes at load), None where the stages are open."""
        tally, (length, _) = self._tallies[module], self._lengths[module]
        chosen = self._choice.get(module, (0, 0) if not tally.either else None)
        if chosen is None:
            return None
        return (tally.becoming + chosen[0]) * length, 2 * (tally.load + chosen[1]) * length

    def entries(self) -> list[ModuleBytes]:
        """All of it; the sum is at most the kernel's."""
        total = self._stats.invalid_becoming_bytes + self._stats.invalid_mod_bytes
        found = [self._entry(module) for module in self._lengths]
        found += self._groups(total - sum(entry.bytes for entry in found))
        if sum(entry.bytes for entry in found) > total:
            found = _within(found, total)
        return sorted(found, key=lambda entry: (-entry.bytes, entry.modules))

    def _entry(self, module: str) -> ModuleBytes:
        length, basis = self._lengths[module]
        parts = self._parts(module)
        if parts is not None:
            told = length if self._plain or self._tallies[module].becoming else None
            return ModuleBytes((module,), sum(parts), *parts, basis, told)
        tally = self._tallies[module]
        share = self._late_share()
        amount = (tally.becoming + 2 * tally.load) * length
        amount += round(tally.either * length * (1 + share))
        return ModuleBytes((module,), amount, None, None, ESTIMATED, length)

    def _late_share(self) -> float:
        """Of the failures whose stage is open, how many were at load."""
        opens = sum(t.either for t in self._tallies.values())
        late = self._stats.failed_load_modules - sum(t.load for t in self._tallies.values())
        return min(1.0, max(0.0, late / opens)) if opens else 0.0

    def _groups(self, rest: int) -> list[ModuleBytes]:
        """Those whose length is open, with one sum for each group that no equation parts."""
        left = {m for m in self._tallies if m not in self._lengths}
        if not left:
            return []
        is_open = any(self._tallies[m].either for m in left)
        if is_open or left & self._ledger.equations.doubtful:
            return self._one(left, rest)  # no group with one of these would have a sum
        groups = self._ledger.equations.tied(left)
        found = []
        for group in groups if len(groups) > 1 else ():
            amount = self._sum(group)
            if amount is None:
                return self._one(left, rest)
            found.append(ModuleBytes(self._ordered(group), amount, None, None, INSEPARABLE))
        return found or self._one(left, rest)

    def _one(self, left: set[str], rest: int) -> list[ModuleBytes]:
        """What no equation parts, as one sum."""
        whole = ModuleBytes(self._ordered(left), max(0, rest), None, None, INSEPARABLE)
        return [whole._replace(others=self._ledger.others)]

    def _sum(self, group: set[str]) -> int | None:
        tallies = {m: self._tallies[m] for m in group}
        return self._ledger.equations.sum_of(
            {m: t.becoming + 2 * t.load for m, t in tallies.items()}
        )

    def _ordered(self, group: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(group, key=lambda m: (-self._tallies[m].times, m)))


def _only_choice(opens: list[tuple[str, int, int]], early: int, rest: int) -> dict[str, int] | None:
    """How many of each failed at becoming: `early` of them all, `rest` bytes; if only one fits.

    `opens`: (module, failures, bytes of its image).
    """
    ways: dict[tuple[int, int], list[int] | None] = {(0, 0): []}
    for _, times, length in opens:
        more: dict[tuple[int, int], list[int] | None] = {}
        for (number, size), way in ways.items():
            for taken in range(times + 1):
                key = (number + taken, size + taken * length)
                if key[0] > early or key[1] > rest:
                    break
                more[key] = None if key in more or way is None else [*way, taken]
        ways = more
        if len(ways) > _MOST_WAYS:
            return None
    way = ways.get((early, rest))
    return None if way is None else {m: n for (m, _, _), n in zip(opens, way, strict=True)}


_LOAD = int(FailReason.LOAD)


def usual_shares(stats: ModuleStats) -> list[tuple[str, float]]:
    """How much of the waste each module would have made at its usual length, most first; nothing
    where too few of them are usual ones.

    For texts that tell a sum only: an estimate, never to be shown as bytes.
    """
    late = stats.failed_load_modules / stats.failures if stats.failures else 0.0
    weights = []
    usual = sum(r.times for r in stats.duplicates if r.module.replace("-", "_") in USUAL)
    if 2 * usual < stats.duplicate_failures:
        return []
    for row in stats.duplicates:
        reason = int(row.reason)  # of an IntFlag each operation takes ten times as long
        mixed = 1 + late if reason & 3 == 3 else 2 if reason & _LOAD else 1
        length = USUAL.get(row.module.replace("-", "_"), UNUSUAL)
        weights.append((row.module, row.times * mixed * length))
    total = sum(weight for _, weight in weights)
    found = [(module, weight / total) for module, weight in weights] if total else []
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))


_MOST_WAYS = 50_000
"""Ways of parting failures among stages that are tried."""


def _within(found: list[ModuleBytes], total: int) -> list[ModuleBytes]:
    """Never beyond the kernel's total: what is not exact gives way."""
    fixed = sum(e.bytes for e in found if e.basis == EXACT)
    loose = sum(e.bytes for e in found if e.basis != EXACT)
    share = max(0, total - fixed) / loose if loose else 0.0
    return [
        e
        if e.basis == EXACT
        else e._replace(
            bytes=int(e.bytes * share), becoming_bytes=None, load_bytes=None, basis=ESTIMATED
        )
        for e in found
    ]
