"""A case: all that is known of a boot at a moment, laid before the rules."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..sample import Host, Instant
from ..stats.block import Block
from ..stats.values import Duplicate
from .evidence.devices import Expected
from .evidence.pieces import NO_EVIDENCE, Evidence
from .finding import Storm
from .ledger import ledger_of
from .module_bytes import ESTIMATED, ModuleBytes, bytes_of

if TYPE_CHECKING:
    from .askers import Heard


class Case(NamedTuple):
    """What the rules look at.

    `storms` and `is_growing` come from watching. `before`: what all of it happened before, where
    nothing is known of when; else empty. `order`: modules by first failure.
    `grown`: how often each failed while it was watched; `others`: failures meanwhile that were
    no duplicates, None where nobody watched. `storms_in_all`: how many a recording has, also
    later ones; None where nobody knows. `heard`: what was told of who asked.
    """

    block: Block
    host: Host = Host()
    at: Instant = Instant(0.0)
    evidence: Evidence = NO_EVIDENCE
    modules: tuple[ModuleBytes, ...] = ()
    storms: tuple[Storm, ...] = ()
    before: str = "this text was made"
    is_growing: bool = False
    order: tuple[str, ...] = ()
    grown: Mapping[str, int] = {}
    others: int | None = None
    storms_in_all: int | None = None
    heard: "Heard | None" = None

    @property
    def rows(self) -> tuple[Duplicate, ...]:
        """The table."""
        return self.block.stats.duplicates

    @property
    def open_rows(self) -> tuple[Duplicate, ...]:
        """The table less those duplicates of which it was told who asked."""
        if self.heard is None:
            return self.rows
        told = self.heard.modules
        left = [row._replace(times=row.times - told.get(row.module, 0)) for row in self.rows]
        return tuple(row for row in left if row.times > 0)

    @property
    def kernel(self) -> str | None:
        """The kernel's release."""
        log = self.evidence.log
        return self.host.kernel or self.evidence.kernel or (log.release if log else None)

    @property
    def cpus(self) -> int | None:
        """How many there are."""
        return self.host.cpus or self.evidence.cpus

    def expected(self, module: str) -> Expected | None:
        """How many devices lead to the module; None where that is not known."""
        return self.evidence.devices.expected(module) if self.evidence.devices else None

    def is_about(self, modules: Sequence[str]) -> bool:
        """Whether the bytes of some of these are estimated."""
        return any(e.basis == ESTIMATED and set(e.modules) & set(modules) for e in self.modules)

    def wasted_by(self, modules: Sequence[str]) -> int | None:
        """Bytes that these wasted together; None where some of it cannot be told apart, from one
        another or from failures that were no duplicates."""
        names, total = set(modules), 0
        for entry in self.modules:
            shared = names & set(entry.modules)
            if shared and (shared != set(entry.modules) or entry.others):
                return None
            if shared:
                total += entry.bytes
                names -= shared
        return None if names else total


def case_of_text(block: Block, host: Host, at: Instant, evidence: Evidence) -> Case:
    """A single text, of which nothing is known but what it says."""
    ledger = ledger_of(block)
    return Case(
        block=block,
        host=host,
        at=at,
        evidence=evidence,
        modules=tuple(bytes_of(ledger, block.stats, evidence.sizes, evidence.is_plain)),
        order=in_order(block),
        heard=_heard(block, evidence),
    )


def _heard(block: Block, evidence: Evidence) -> "Heard | None":
    """What was told beside a text of which nobody knows when it was read."""
    if evidence.requests is None:
        return None
    from .askers import heard, match  # only here: a report of a text has no use for it

    told = evidence.requests.at()
    if told is None:
        return None
    always = float("-inf"), float("inf")
    return heard(told, match(told, whole_table(block), *always) if told.failed else None, {})


def counts_of(block: Block) -> dict[str, int]:
    """How often each module of the table was refused."""
    return {row.module: row.times for row in block.stats.duplicates}


def whole_table(block: Block) -> dict[str, int] | None:
    """The same; None where rows may be missing, so that nothing can be held against it."""
    return None if block.table_missing or block.truncated else counts_of(block)


def in_order(block: Block) -> tuple[str, ...]:
    """Modules by first failure, as one text tells: the kernel's table has the newest first."""
    return tuple(row.module for row in reversed(block.stats.duplicates))
