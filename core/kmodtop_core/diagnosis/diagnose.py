"""Diagnosis: a case to its answer."""

from ..stats.block import ABSURD_BYTES
from .case import Case, counts_of
from .finding import Answer
from .patterns import pattern_of, width
from .rules.all import findings
from .verdict import verdict


def diagnose(case: Case, size: str = "iec") -> Answer:
    """Findings, verdict and patterns of a case; `size` is how bytes are written."""
    found = findings(case)
    wide = width(case.rows)
    return Answer(
        verdict(case, found, size),
        found,
        case.modules,
        case.storms,
        {row.module: pattern_of(case, row, wide) for row in case.rows},
        case.evidence.milestones,
        case.order,
        counts_of(case.block),
        _total(case),
        case.heard.askers if case.heard is not None else (),
    )


def _total(case: Case) -> int | None:
    stats = case.block.stats
    total = stats.invalid_becoming_bytes + stats.invalid_mod_bytes
    return None if case.block.lacks or total >= ABSURD_BYTES else total
