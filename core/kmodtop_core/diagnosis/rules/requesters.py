"""What was told while it happened: who asked, certain where nothing of it was lost."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ... import units
from ...plain import harmless
from .. import advice
from ..case import Case
from ..finding import Advice, Asker, Finding, Side
from .words import named

if TYPE_CHECKING:  # a report of a text has no use for it
    from ..askers import Heard


def requesters(case: Case) -> Iterator[Finding]:
    """A finding an asker."""
    if case.heard is not None:
        for asker in case.heard.askers:
            if asker.duplicates:
                yield _finding(case, case.heard, asker)


def _finding(case: Case, heard: "Heard", asker: Asker) -> Finding:
    is_kernel = asker.side is Side.KERNEL
    evidence = list(_of_trace(heard) if heard.told.failed else _of_opens(heard))
    evidence += _shares(asker)
    names = tuple(asker.modules)
    of_all = f"{units.count(asker.duplicates)} of {units.counted(_total(case, heard), 'duplicate')}"
    whom = "the kernel's autoloader" if is_kernel else harmless(asker.name or "?")
    unknown = asker.side is Side.UNKNOWN
    how = f"{whom} asked for {named(names)}: {of_all}"
    if unknown:
        how += "; who had started it is not known, the kernel's autoloader may have"
    return Finding(
        rule="autoload" if is_kernel else "requester",
        title=f"{whom} asked",
        sentence=how,
        side=asker.side,
        confidence=asker.confidence,
        requester=asker.name,
        modules=names,
        duplicates=asker.duplicates,
        wasted=asker.by_duplicates if heard.told.failed else _by_openers(case, asker),
        evidence=tuple(evidence),
        against=tuple(_against(heard)),
        next=tuple(_next(case, heard, asker)),
        who=asker.who if is_kernel else "",
    )


def _total(case: Case, heard: "Heard") -> int:
    rows = sum(row.times for row in case.rows)
    return max(rows, heard.traced.traced if heard.traced else 0)


def _by_openers(case: Case, asker: Asker) -> int | None:
    """Where all duplicates of its modules were its own."""
    whole = all(
        row.times == asker.modules[row.module] for row in case.rows if row.module in asker.modules
    )
    return case.wasted_by(tuple(asker.modules)) if whole else None


def _of_trace(heard: "Heard") -> Iterator[str]:
    told, traced = heard.told, heard.traced
    if traced is None:
        return
    where = "where the kernel counts" if told.counts else "in load_module()"
    yield f"traced {where} since {told.began or 0.0:,.1f} s after boot: {traced.sentence}"
    if not told.counts and heard.calls:
        yield f"system calls: {_listed(heard.calls)}"


def _of_opens(heard: "Heard") -> Iterator[str]:
    yield f"{units.count(len(heard.told.opens))} openings of modules' files were seen, by whom each"
    if heard.odd:
        yield f"left open, as their openings do not fit: {named(heard.odd)}"


def _shares(asker: Asker) -> Iterator[str]:
    for words, counts in (
        ("called from", asker.call_sites),
        ("whose tasks ran into it", asker.tasks),
        ("asked for as", asker.aliases),
        ("for devices", asker.devices),
        ("commands", asker.commands),
        ("units", asker.units),
    ):
        if counts:
            yield f"{words}: {_listed(counts)}"


def _listed(counts: Mapping[str, int], most: int = 4) -> str:
    shown = [f"{harmless(name)[:60]} {units.count(n)}" for name, n in list(counts.items())[:most]]
    more = len(counts) - most
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _against(heard: "Heard") -> Iterator[str]:
    told, traced = heard.told, heard.traced
    if told.lost:
        yield f"{units.counted(told.lost, 'event')} of the trace were lost"
    if told.odd:
        yield f"{units.counted(told.odd, 'line')} of the trace cannot be the kernel's own"
    if told.unknown:
        yield f"{units.counted(told.unknown, 'load')} could not be followed"
    if told.vague:
        number = units.counted(told.vague, "request")
        yield f"no event tells whether {number} failed at load or in an init function"
    if traced is not None and not traced.is_equal:
        yield traced.sentence
    if told.opens and not told.failed:
        yield "whoever opens a module need not load it; with several askers one more or less"
        if told.lost_opens:
            yield f"who made {units.counted(told.lost_opens, 'opening')} is not known"


def _next(case: Case, heard: "Heard", asker: Asker) -> Iterator[Advice]:
    """What ends it, by who asked and by which call."""
    from ...tracing.loads import FINIT, INIT  # only here: a report of a text has no use for it

    by_image, by_file = heard.calls.get(INIT, 0), heard.calls.get(FINIT, 0)
    if by_image and by_image >= by_file:
        yield Advice(
            "these requests came by init_module, which no kernel folds, as userspace unpacks the"
            " modules itself: a kmod that lets the kernel unpack them (31 or newer, and"
            " CONFIG_MODULE_DECOMPRESS=y), or uncompressed modules, ends this",
            brief="use a kmod that lets the kernel unpack, 31 or newer, or uncompressed modules",
        )
    elif by_file and advice.folds(case) is False:
        yield Advice(
            "these requests came by finit_module, which a kernel from 6.5 on folds into one:"
            " a newer kernel ends this",
            brief="boot a kernel from 6.5 on, which folds these requests into one",
        )
    elif asker.side is Side.KERNEL:
        yield Advice(
            "load it before it is asked for: a name in a file of /etc/modules-load.d",
            "",
        )
    else:
        yield from advice.on_folding(case)
    if asker.side is Side.USERSPACE and asker.name == "udev":
        yield from advice.on_unused(case, tuple(asker.modules))
    elif asker.units:
        unit = next(iter(asker.units))
        if advice.is_plain(unit):
            yield Advice("see what it does", f"systemctl cat {unit}")
