"""What was told while it happened: who asked, certain where nothing of it was lost."""

from collections.abc import Iterator, Mapping

from ... import units
from ...plain import harmless
from .. import advice
from ..askers import askers, openers
from ..case import Case
from ..finding import Advice, Asker, Confidence, Finding, Side
from .words import named


def how_sure(case: Case) -> Confidence:
    """Certain where nothing was lost or odd, and the events account for the table's growth."""
    whole = case.told is not None and case.told.is_whole
    return (
        Confidence.CERTAIN
        if whole and case.traced is not None and case.traced.is_equal
        else Confidence.LIKELY
    )


def asking(case: Case) -> tuple[Asker, ...]:
    """Who asked, by the best that was told."""
    if case.told is None:
        return ()
    if case.told.failed:
        return askers(case.told, how_sure(case))
    return openers(case.told, case.grown)[0]


def requesters(case: Case) -> Iterator[Finding]:
    """A finding an asker."""
    told = case.told
    if told is None:
        return
    for asker in asking(case):
        if asker.duplicates:
            yield _finding(case, asker)


def _finding(case: Case, asker: Asker) -> Finding:
    told = case.told
    assert told is not None
    is_traced = bool(told.failed)
    is_kernel = asker.side is Side.KERNEL
    evidence = list(_of_trace(case) if is_traced else _of_opens(case))
    evidence += _shares(asker)
    names = tuple(asker.modules)
    of_all = f"{units.count(asker.duplicates)} of {units.counted(_total(case), 'duplicate')}"
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
        wasted=_wasted_by_duplicates(case, asker),
        evidence=tuple(evidence),
        against=tuple(_against(case)),
        next=tuple(_next(case, asker)),
        who=asker.who if is_kernel else "",
    )


def _total(case: Case) -> int:
    rows = sum(row.times for row in case.rows)
    return max(rows, case.traced.traced if case.traced else 0)


def _wasted_by_duplicates(case: Case, asker: Asker) -> int | None:
    """By its duplicates alone."""
    told = case.told
    if told is None or not told.failed:
        return case.wasted_by(tuple(asker.modules)) if not asker.others else None
    sizes = [
        r.load.wasted
        for r in told.failed
        if r.load.is_duplicate
        and (r.requester.is_kernel, r.requester.name) == (_is_kernel(asker), asker.name)
    ]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _is_kernel(asker: Asker) -> bool | None:
    return None if asker.side is Side.UNKNOWN else asker.side is Side.KERNEL


def _of_trace(case: Case) -> Iterator[str]:
    told, traced = case.told, case.traced
    if told is None or traced is None:
        return
    where = "where the kernel counts" if told.counts else "in load_module()"
    yield f"traced {where} since {told.began or 0.0:,.1f} s after boot: {traced.sentence}"
    if not told.counts and (calls := case.calls):
        yield f"system calls: {_listed(calls)}"


def _of_opens(case: Case) -> Iterator[str]:
    told = case.told
    if told is None:
        return
    yield f"{units.count(len(told.opens))} openings of modules' files were seen, by whom each"
    _, odd = openers(told, case.grown)
    if odd:
        yield f"left open, as their openings do not fit: {named(odd)}"


def _shares(asker: Asker) -> Iterator[str]:
    for words, counts in (
        ("called from", asker.call_sites),
        ("whose tasks ran into it", asker.tasks),
        ("asked for as", asker.aliases),
        ("commands", asker.commands),
        ("units", asker.units),
    ):
        if counts:
            yield f"{words}: {_listed(counts)}"


def _listed(counts: Mapping[str, int], most: int = 4) -> str:
    shown = [f"{harmless(name)[:60]} {units.count(n)}" for name, n in list(counts.items())[:most]]
    more = len(counts) - most
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _against(case: Case) -> Iterator[str]:
    told, traced = case.told, case.traced
    if told is None:
        return
    if told.lost:
        yield f"{units.counted(told.lost, 'event')} of the trace were lost"
    if told.odd:
        yield f"{units.counted(told.odd, 'line')} of the trace cannot be the kernel's own"
    if told.unknown:
        yield f"{units.counted(told.unknown, 'load')} could not be told apart"
    if told.vague:
        number = units.counted(told.vague, "request")
        yield f"{number} failed at load or was refused by its init function: which, no event tells"
    if traced is not None and not traced.is_equal:
        yield traced.sentence
    if told.opens and not told.failed:
        yield "whoever opens a module need not load it; with several askers one more or less"
        if told.lost_opens:
            yield f"of {units.counted(told.lost_opens, 'opening')} nobody knows whose they were"


def _next(case: Case, asker: Asker) -> Iterator[Advice]:
    """What ends it, by who asked and by which call."""
    from ...tracing.loads import FINIT, INIT  # only here: a report of a text has no use for it

    calls = case.calls
    if calls[INIT] and calls[INIT] >= calls[FINIT]:
        yield Advice(
            "these requests came by init_module, which no kernel folds, as userspace unpacks the"
            " modules itself: a kmod that lets the kernel unpack them (31 or newer, and"
            " CONFIG_MODULE_DECOMPRESS=y), or uncompressed modules, ends this"
        )
    elif calls[FINIT] and advice.folds(case) is False:
        yield Advice(
            "these requests came by finit_module, which a kernel from 6.5 on folds into one:"
            " a newer kernel ends this"
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
