"""Lengths of modules from sums of them: exact elimination, one equation at a time.

An equation says that some modules, each so many times, wasted so many bytes. Fractions,
so that nothing is lost: what comes out as a whole number is right if every equation is.
"""

from collections.abc import Mapping
from fractions import Fraction

Row = dict[str, Fraction]

_MOST_TERMS = 64
"""Modules in an equation that are solved together; larger ones cost more than they tell."""


class Equations:
    """What is known of the lengths (bytes) of modules.

    `doubtful`: modules of which two equations say different things.
    """

    def __init__(self) -> None:
        self.doubtful: set[str] = set()
        self.confirmed: set[str] = set()
        self._rows: dict[str, tuple[Row, Fraction]] = {}
        self._solved: dict[str, Fraction] = {}

    def add(self, terms: Mapping[str, int], total: int) -> None:
        """`terms`: how often each module's length is in `total` (bytes)."""
        named = [module for module, times in terms.items() if times]
        if len(named) > _MOST_TERMS:
            known = self._solved.keys() | self._rows.keys()
            known = known.union(*(row for row, _ in self._rows.values()))
            if len(set(named) - known) > _MOST_TERMS:
                return  # nothing that is known can make it shorter
        row, rest = self._reduced(terms, Fraction(total))
        if not row:
            (self.doubtful if rest else self.confirmed).update(named)
            return
        if len(row) > _MOST_TERMS:
            return
        pivot = min(row)
        factor = row.pop(pivot)
        self._keep(pivot, {module: value / factor for module, value in row.items()}, rest / factor)

    def _reduced(self, terms: Mapping[str, int], rest: Fraction) -> tuple[Row, Fraction]:
        """The equation with what is known put in."""
        row: Row = {}
        for module, times in terms.items():
            if not times:
                continue
            if module in self._solved:
                rest -= times * self._solved[module]
            elif module in self._rows:
                known, value = self._rows[module]
                rest -= times * value
                for other, factor in known.items():
                    row[other] = row.get(other, Fraction(0)) - times * factor
            else:
                row[module] = row.get(module, Fraction(0)) + times
        return {module: value for module, value in row.items() if value}, rest

    def _keep(self, pivot: str, row: Row, value: Fraction) -> None:
        """module = value - sum of the others; put into all that is known."""
        for module, (known, total) in list(self._rows.items()):
            factor = known.pop(pivot, None)
            if factor is None:
                continue
            for other, times in row.items():
                known[other] = known.get(other, Fraction(0)) - factor * times
                if not known[other]:
                    del known[other]
            self._set(module, known, total - factor * value)
        self._set(pivot, row, value)

    def _set(self, module: str, row: Row, value: Fraction) -> None:
        if row:
            self._rows[module] = (row, value)
        else:
            self._rows.pop(module, None)
            self._solved[module] = value

    def length(self, module: str) -> int | None:
        """The module's length in bytes; None where it is not determined, or cannot be one."""
        value = self._solved.get(module)
        if value is None or value.denominator != 1 or value <= 0:
            return None
        return int(value)

    def sum_of(self, terms: Mapping[str, int]) -> int | None:
        """Bytes of so many of each together, where the equations determine that sum."""
        row, rest = self._reduced(terms, Fraction(0))
        return None if row or rest.denominator != 1 else -int(rest)

    def tied(self, modules: set[str]) -> list[set[str]]:
        """The modules in groups that no equation tells apart."""
        groups: dict[str, set[str]] = {}
        for module, (row, _) in self._rows.items():
            met = {id(groups[m]): groups[m] for m in (module, *row) if m in groups}
            group = {module, *row}.union(*met.values())
            groups |= dict.fromkeys(group, group)
        found = {id(group): group for group in groups.values()}
        parts = [group & modules for group in found.values() if group & modules]
        return [*parts, *({module} for module in modules if module not in groups)]
