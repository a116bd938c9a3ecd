"""What a text or a recording shows, as a scenario that would show the like.

    counts ─► how many asked      bytes a module ─► sizes
    first failures ─► the order   storms, devices ─► when, and who

A table tells who lost, not who asked: modules that failed about as often as there are
CPUs, or that a CPU's alias leads to, are asked for by each CPU, one after the other in
the order of their first failures; the others by as many as failed, and one that won.
"""

import statistics
from collections.abc import Iterator, Mapping

from ..diagnosis.case import Case, counts_of
from ..diagnosis.evidence.cpu_driven import is_cpu_driven
from ..diagnosis.evidence.usual_sizes import UNUSUAL, USUAL
from ..errors import Exit, SourceError, Trouble
from ..machine.facts import release_of
from ..simulation.eras import era_of
from ..simulation.machines import KINDS
from ..simulation.machines import Machine as Times
from ..simulation.scenarios import MOST_CPUS, Module, Published, Requests, Scenario
from ..stats.values import FailReason
from .fitted import fitted
from .modelled import Modelled
from .usual import module_of, usual_layout

_NEAR = 0.25
"""Part of the largest count from which on a module is taken for one that each CPU asks for."""

_FEW = 4
"""Counts up to which devices of one kind are a likelier reason than CPUs."""

_MIB_A_CPU = 1024
"""Memory that a machine is taken to have for each CPU, which bounds udevd's workers."""


def scenario_of_case(case: Case, label: str, cpus: int | None = None) -> Modelled:
    """`cpus`: how many there are, where the text does not tell. Raises SourceError for a table
    without rows, which no asker can be told from."""
    if not case.rows:
        raise SourceError(
            Trouble(
                "no-rows",
                "has no duplicates, so that nothing tells who asked for what",
                "name a text of a boot in which modules failed",
                label,
            ),
            Exit.NO_STATISTICS,
        )
    return _Reading(case, label, cpus).modelled()


class _Reading:
    """One case, read as a scenario."""

    def __init__(self, case: Case, label: str, cpus: int | None) -> None:
        self._case, self._label = case, label
        self._rows = {row.module: row for row in case.rows}
        known = [name for name in case.order if name in self._rows]
        self._order = known + [row.module for row in reversed(case.rows) if row.module not in known]
        self._most = max(row.times for row in case.rows)
        told = case.cpus or cpus
        self._guessed = told is None
        self._cpus = max(1, min(told or self._most + 1, MOST_CPUS))
        self._era = self._era_shown()
        self._sizes, self._basis = self._lengths()
        self._debug = self._debug_share()

    def modelled(self) -> Modelled:
        case = self._case
        stats = case.block.stats
        counts = counts_of(case.block)
        modules = tuple(self._module(name) for name in self._order)
        scenario = Scenario(
            name="from-statistics",
            title=f"as {self._label} shows it",
            era=self._era,
            cpus=self._cpus,
            machine=Times(**KINDS["bare-metal"] | {"memory_mib": self._cpus * _MIB_A_CPU}),
            modules=modules,
            requests=tuple(self._requests()),
            published=(
                Published(
                    self._era, self._label, stats.failed_becoming, stats.failed_load_modules,
                    stats.virtual_mem_wasted_bytes,
                    duplicates=counts,
                ),
            ),
        )  # fmt: skip
        if scenario.era != "idempotent":
            scenario = fitted(scenario, counts)
        return Modelled(scenario, tuple(self._notes()))

    def _era_shown(self) -> str:
        """By the kernel's release; else by what only some of them can show."""
        version = release_of(self._case.kernel)
        if version is not None:
            return era_of(version)
        reasons = FailReason(0)
        for row in self._rows.values():
            reasons |= row.reason
        return "early-check" if reasons & FailReason.BECOMING else "stats-only"

    # ---- who asked -------------------------------------------------------------

    def _requests(self) -> Iterator[Requests]:
        """By storm, if it is known when each was; those that each CPU asks for last."""
        via = self._via()
        groups: dict[tuple[float, int], list[str]] = {}
        for name in self._order:
            tasks = 0 if self._is_per_cpu(name) else self._rows[name].times + 1
            groups.setdefault((self._when(name), tasks), []).append(name)
        for (at_ms, tasks), names in sorted(groups.items(), key=lambda g: (g[0][0], not g[0][1])):
            yield Requests("udev", tuple(names), tasks=tasks, at_ms=at_ms, via=via)

    def _when(self, name: str) -> float:
        """Milliseconds after the first storm began."""
        storms = self._case.storms
        found = next((storm for storm in storms if name in storm.modules), None)
        return round((found.began - storms[0].began) * 1000, 3) if found else 0.0

    def _is_per_cpu(self, name: str) -> bool:
        expected = self._case.expected(name)
        if expected is not None and expected.devices:
            return expected.is_cpu
        times = self._rows[name].times
        if times <= min(_FEW, self._cpus // 4):
            return is_cpu_driven(name) and self._cpus > _FEW
        return is_cpu_driven(name) or times >= _NEAR * self._most

    def _via(self) -> str:
        """Duplicates of a kernel that folds come through the call that it never folds."""
        return "init_module" if self._era == "idempotent" else "finit_module"

    # ---- sizes -------------------------------------------------------------------

    def _lengths(self) -> tuple[Mapping[str, int], Mapping[str, str]]:
        """({module: bytes of its image}, {module: how they are known})"""
        sizes: dict[str, int] = {}
        basis: dict[str, str] = {}
        for entry in self._case.modules:
            share = self._share(entry.modules, entry.bytes)
            for name in entry.modules:
                if name in self._rows:
                    own = entry.length if len(entry.modules) == 1 else None
                    sizes[name] = max(1, own or share[name])
                    basis[name] = entry.basis
        return sizes, basis

    def _share(self, names: tuple[str, ...], total: int) -> dict[str, int]:
        """Bytes of each image, where only their sum is known: by what is usual."""
        weights = {name: USUAL.get(name, UNUSUAL) for name in names}
        stats = self._case.block.stats
        failures = stats.failed_becoming + stats.failed_load_modules
        copies = 1 + (stats.failed_load_modules / failures if failures else 0)
        times = {name: self._rows[name].times if name in self._rows else 1 for name in names}
        whole = sum(weights[name] * times[name] for name in names) * copies
        return {name: round(weights[name] * total / whole) for name in names}

    def _module(self, name: str) -> Module:
        length = self._sizes.get(name) or USUAL.get(name, UNUSUAL)
        return module_of(name, length, usual_layout(length / self._debug))

    def _debug_share(self) -> float:
        """How many times as long as usual the images are: those with debug information are, and
        none of that is loaded."""
        known = [size / USUAL[name] for name, size in self._sizes.items() if name in USUAL]
        return max(1.0, statistics.median(known)) if known else 1.0

    def _notes(self) -> Iterator[str]:
        yield f"Made of what {self._label} shows: {self._case.block.stats.failures} failures."
        yield "How many ask: from the counts; the order: from the first failures; tasks = 0 stands"
        yield "for one for each CPU."
        exact = sum(basis == "exact" for basis in self._basis.values())
        yield f"Sizes: of {exact} of {len(self._rows)} modules exact, of the others estimated."
        if self._guessed:
            yield f"The number of CPUs is not told: {self._cpus}, as one module failed that often."
        if self._case.block.truncated:
            yield "The table was cut by the kernel: modules that failed first are missing."
        yield "init_us: such that about these counts come out. Assumed: bare metal, 1 GiB of memory"
        yield "a CPU, no dependencies, what modules take when loaded. For a guest change"
        yield "machine.kind to kvm-guest."
