"""What the kernel log tells: the autoloader, address space, modprobes."""

from collections.abc import Iterator

from ... import units
from ...plain import harmless
from .. import advice
from ..case import Case
from ..finding import Advice, Confidence, Finding, Side
from .words import by_waste, named


def autoload(case: Case) -> Iterator[Finding]:
    """The kernel's own autoloader, where what it asked for is in the table."""
    log, devices = case.evidence.log, case.evidence.devices
    if log is None or not log.asked or not case.open_rows:
        return
    reached = {
        module: alias
        for alias in log.asked
        for module in (devices.asked_as(alias) if devices else {alias.replace("-", "_")})
    }
    rows = [
        r
        for r in case.open_rows
        if r.module in reached and not ((e := case.expected(r.module)) and r.times <= e.most)
    ]
    if not rows:
        return
    names = tuple(row.module for row in by_waste(case, rows))
    asked = sorted({harmless(reached[m]) for m in names})
    yield Finding(
        "autoload",
        "the kernel's autoloader asked for them too",
        f"the kernel itself asked for {named(asked)}, which leads to {named(names)}; whether that"
        " caused their rows is not told, as it folds its own requests of one name",
        Side.KERNEL,
        Confidence.POSSIBLE,
        None,
        names,
        None,
        None,
        (f"kernel log: {units.count(sum(log.asked.values()))} duplicate requests",),
        ("requests of one name wait in the kernel and add no row",),
        (
            Advice(
                "see who ran into it, with a stack in the kernel log",
                "echo 1 | sudo tee /sys/module/module/parameters/enable_dups_trace",
            ),
        ),
    )


def out_of_space(case: Case) -> Iterator[Finding]:
    """Allocations of address space that failed; modprobes that were too many."""
    log = case.evidence.log
    if log is not None and log.no_space:
        yield Finding(
            "vmalloc",
            "address space ran out",
            f"{units.count(log.no_space)} allocations of address space failed, of up to"
            f" {units.size(log.no_space_bytes)}: as many loads at once do",
            Side.UNKNOWN,
            Confidence.CERTAIN,
            None,
            (),
            None,
            None,
            ("kernel log: vmap allocation failed",),
            ("anything else that needs much of it would be told the same way",),
            tuple(advice.on_folding(case)),
        )
    if log is not None and log.busy:
        yield Finding(
            "kmod-busy",
            "too many modprobes at once",
            f"{units.count(log.busy)} times the kernel's autoloader had to wait as 50 modprobes"
            " ran at once",
            Side.KERNEL,
            Confidence.CERTAIN,
            None,
            (),
            None,
            None,
            ("kernel log: kmod busy",),
            (),
            (Advice("see which modprobes hang", "ps -ef | grep modprobe"),),
        )
