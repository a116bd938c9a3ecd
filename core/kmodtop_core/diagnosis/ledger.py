"""The ledger: what texts in order say of each module's length.

Between two texts the kernel's sums grew by what failed meanwhile, which is an equation.
Texts count only if they agree with themselves: the kernel adds a row before it counts
the failure, so that a text read in between is ahead (kernel/module/stats.c,
try_add_failed_module(), and its callers in kernel/module/main.c).
"""

from collections.abc import Iterable, Mapping

from ..stats.block import ABSURD_BYTES, Block
from ..stats.values import Duplicate, FailReason, ModuleStats
from .equations import Equations

_MOST_TEXTS = 20_000


class Tally:
    """How often a module failed at each stage, as far as texts tell."""

    def __init__(self) -> None:
        self.becoming = self.load = self.either = 0

    def add(self, becoming: int, load: int, either: int) -> None:
        """Failures more."""
        self.becoming += becoming
        self.load += load
        self.either += either

    @property
    def times(self) -> int:
        """All of them."""
        return self.becoming + self.load + self.either


class Ledger:
    """Takes texts in order, keeps what they say of each module's length.

    The lag of a text is failures less the rows' sum: it rises by each failure that was no
    duplicate and never falls. A text with less than the largest so far was read while the
    kernel counted, and is passed over; what had changed in it counts with the next.
    `others`: failures that were no duplicates. `early` and `late` are the equations of each
    stage by itself, `equations` both, as if no file were packed.
    """

    def __init__(self) -> None:
        self.equations, self.early, self.late = Equations(), Equations(), Equations()
        self.tallies: dict[str, Tally] = {}
        self.others = 0
        self._last = ModuleStats()
        self._counts: dict[str, int] = {}
        self._changed: dict[str, Duplicate] = {}
        self._sum = 0
        self._lag: int | None = None
        self._texts = 0

    def observe(self, stats: ModuleStats, changed: Iterable[Duplicate]) -> None:
        """Takes a text of the same boot: its counters, and the rows that changed since the last
        that was given."""
        for row in changed:
            known = self._changed.get(row.module)
            before = known.times if known else self._counts.get(row.module, 0)
            self._sum += row.times - before
            self._changed[row.module] = row
        lag = stats.failures - self._sum
        if (
            self._texts >= _MOST_TEXTS
            or lag < (self._lag or 0)
            or max(stats.invalid_becoming_bytes, stats.invalid_mod_bytes) >= ABSURD_BYTES
        ):
            return
        self._texts += 1
        self._take(stats)
        self._counts |= {m: row.times for m, row in self._changed.items()}
        self._last, self._lag, self._changed = stats, lag, {}

    def _take(self, stats: ModuleStats) -> None:
        last = self._last
        grown = {m: r.times - self._counts.get(m, 0) for m, r in self._changed.items()}
        grown = {m: n for m, n in grown.items() if n > 0}
        early = stats.failed_becoming - last.failed_becoming
        late = stats.failed_load_modules - last.failed_load_modules
        early_bytes = stats.invalid_becoming_bytes - last.invalid_becoming_bytes
        late_bytes = stats.invalid_mod_bytes - last.invalid_mod_bytes
        stages = _stages(grown, {m: r.reason for m, r in self._changed.items()}, early, late)
        for module, counts in stages.items():
            self.tallies.setdefault(module, Tally()).add(*counts)
        others = early + late - sum(grown.values())
        self.others += max(0, others)
        if others or min(early, late, early_bytes, late_bytes) < 0:
            return
        if all(not either for _, _, either in stages.values()):
            if early:
                self._add(self.early, {m: s[0] for m, s in stages.items()}, early_bytes)
            if late:
                self._add(self.late, {m: 2 * s[1] for m, s in stages.items()}, late_bytes)

    def _add(self, stage: Equations, terms: Mapping[str, int], total: int) -> None:
        stage.add(terms, total)
        self.equations.add(terms, total)

    @property
    def is_plain(self) -> bool:
        """Whether both stages agree about the lengths of modules, of one at least.

        A file that the kernel unpacks adds its packed length once at either stage, so that a
        failure at load is no longer twice one at becoming.
        """
        both = [
            (self.early.length(m), self.late.length(m))
            for m, tally in self.tallies.items()
            if tally.becoming and tally.load
        ]
        known = [pair for pair in both if None not in pair]
        return bool(known) and all(a == b for a, b in known)


def ledger_of(block: Block) -> Ledger:
    """Of a single text, which counts from the boot on."""
    ledger = Ledger()
    if not block.lacks and not block.table_missing:
        ledger.observe(block.stats, block.stats.duplicates)
    return ledger


def _stages(
    grown: Mapping[str, int], reasons: Mapping[str, FailReason], early: int, late: int
) -> dict[str, tuple[int, int, int]]:
    """(at becoming, at load, at either) for each module that grew, as far as that is certain."""
    if not late or not early:
        at = 0 if early else 1 if late else 2
        return {m: _at(at, n) for m, n in grown.items()}
    found: dict[str, tuple[int, int, int]] = {}
    open_ones: list[str] = []
    for module, times in grown.items():
        reason = reasons[module] & 3
        if reason in (FailReason.BECOMING, FailReason.LOAD):
            found[module] = _at(0 if reason == FailReason.BECOMING else 1, times)
        else:
            open_ones.append(module)
    if len(open_ones) == 1 and early + late == sum(grown.values()):
        becoming = early - sum(s[0] for s in found.values())
        found[open_ones[0]] = (becoming, grown[open_ones[0]] - becoming, 0)
        if not 0 <= becoming <= grown[open_ones[0]]:
            found[open_ones[0]] = _at(2, grown[open_ones[0]])
    else:
        found |= {m: _at(2, grown[m]) for m in open_ones}
    return found


def _at(place: int, times: int) -> tuple[int, int, int]:
    return (times, 0, 0) if place == 0 else (0, times, 0) if place == 1 else (0, 0, times)
