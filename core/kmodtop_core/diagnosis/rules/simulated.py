"""A simulated boot: its scenario says who asked for what, so that it is certain."""

from collections.abc import Iterator

from .. import advice
from ..case import Case
from ..finding import Confidence, Finding, Side
from .words import by_waste, each, them, times_of, total, were

_NAMES = {
    "udev": ("udev", Side.USERSPACE),
    "systemd": ("systemd", Side.USERSPACE),
    "stress": ("stress-ng", Side.USERSPACE),
    "autoload": (None, Side.KERNEL),
}
"""(requester, side) by the words of scenarios."""


def simulated(case: Case) -> Iterator[Finding]:
    """A finding an asker; one for modules that several asked for."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for row in case.rows:
        askers = case.evidence.simulated.get(row.module)
        if askers:
            groups.setdefault(askers, []).append(row.module)
    for askers, modules in groups.items():
        rows = by_waste(case, [row for row in case.rows if row.module in modules])
        one = askers[0] if len(askers) == 1 else ""
        requester, side = _NAMES.get(one, (None, Side.UNKNOWN))
        who = requester or ("the kernel's autoloader" if one else " and ".join(askers))
        names = tuple(row.module for row in rows)
        yield Finding(
            "requester",
            f"{who} asked, as it is simulated",
            f"{were(rows)} refused {times_of(rows)}{each(rows)}; {who} asked for {them(rows)}",
            side,
            Confidence.CERTAIN,
            requester,
            names,
            total(rows),
            case.wasted_by(names),
            ("the scenario says who asks for what",),
            (),
            tuple(advice.on_folding(case)) if case.kernel else (),
        )
