"""Every rule, and what they find together."""

from collections.abc import Callable, Iterator

from ..case import Case
from ..finding import Advice, Confidence, Finding
from . import counts, devices, few, kernel_log, requesters, simulated

Rule = Callable[[Case], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    requesters.requesters,
    devices.udev_by_devices,
    devices.beyond_devices,
    devices.without_devices,
    simulated.simulated,
    counts.by_counts,
    counts.repeated,
    few.races,
    few.refused_inits,
    kernel_log.autoload,
    kernel_log.out_of_space,
    few.early_failures,
    few.not_duplicates,
)
"""Each looks at the case for itself."""


def findings(case: Case) -> tuple[Finding, ...]:
    """All that the rules find, worst first; advice is given once."""
    found = [finding for rule in RULES for finding in rule(case)]
    given: set[Advice] = set()
    told = []
    for finding in sorted(found, key=_weight, reverse=True):
        fresh = tuple(a for a in finding.next if a not in given)
        about = finding.wasted is not None and case.is_about(finding.modules)
        told.append(finding._replace(next=fresh, is_about=about))
        given.update(finding.next)
    return tuple(told)


def _weight(finding: Finding) -> tuple[float, float, bool]:
    return (
        float(finding.wasted or 0),
        float(finding.duplicates or 0),
        finding.confidence != Confidence.POSSIBLE,
    )
