"""The verdict: level, what, when, who, each in one line."""

from collections.abc import Sequence

from .. import units
from ..stats.block import ABSURD_BYTES
from ..stats.values import STAGES
from . import advice
from .case import Case
from .finding import Confidence, Finding, Level, Side, Storm, Verdict
from .module_bytes import ESTIMATED, usual_shares
from .patterns import FEW
from .rules.words import most_often, named, times_of

_INSTANT_S = 0.05
STORM_FAILURES = 10
"""Failures within a short time from which on they are a storm."""


def verdict(case: Case, found: Sequence[Finding], size: str = "iec") -> Verdict:
    """The answer in four lines; `size` is how bytes are written."""
    level = level_of(case)
    who, confidence = _who(case, level, found)
    is_now = level is Level.STORM_NOW
    return Verdict(
        level,
        _head(case, level, size),
        _what(case, level, size),
        _when(case),
        who,
        confidence,
        _which(case, level),
        _lost(case, size) if is_now else "",
        _of_all(case) if is_now else "",
    )


def _lost(case: Case, size: str) -> str:
    lost = units.size(case.block.stats.virtual_mem_wasted_bytes, size)
    return f"{lost} wasted{_in_storms(case, size)}"


def _of_all(case: Case) -> str:
    failed = case.block.stats.failed_requests
    loads = units.count(failed + case.block.stats.modcount)
    return f"{units.count(failed)} of {loads} loads failed"


def _which(case: Case, level: Level) -> str:
    """Which storm of a recording is under way, where it has several."""
    if level is not Level.STORM_NOW or (case.storms_in_all or 0) < 2:
        return ""
    return f"{len(case.storms)} of {case.storms_in_all}"


def level_of(case: Case) -> Level:
    """The worst that is true."""
    block = case.block
    stats = block.stats
    if block.lacks or any(stats.counter(s.bytes) >= ABSURD_BYTES for s in STAGES):
        return Level.UNKNOWN
    if not stats.failed_requests:
        return Level.HEALTHY
    storms = [s for s in case.storms if s.failures >= STORM_FAILURES]
    if storms and case.is_growing:
        return Level.STORM_NOW
    if storms:
        return Level.STORM_OVER
    if not stats.duplicates and not block.table_missing and not block.cut_row:
        return Level.FAILING
    small = stats.virtual_mem_wasted_bytes < stats.total_mod_size
    if "total_mod_size" in block.missing:
        small = stats.failed_requests < stats.modcount
    if small and all(row.times <= FEW for row in stats.duplicates) and not block.table_missing:
        return Level.NEARLY_NONE
    return Level.WASTED


def _head(case: Case, level: Level, size: str) -> str:
    stats = case.block.stats
    if level is Level.UNKNOWN:
        return _unreadable(case)
    wasted = units.size(stats.virtual_mem_wasted_bytes, size)
    failed, loaded = stats.failed_requests, stats.modcount
    of_all = _of_all(case)
    if level is Level.HEALTHY:
        return f"0 B wasted: none of {_loads(loaded)} failed"
    if level is Level.FAILING:
        return f"{_loads(failed)} failed, no duplicates: {_kinds(case)}"
    if level is Level.NEARLY_NONE:
        number = stats.duplicate_failures
        return f"{wasted} wasted by {units.counted(number, 'duplicate')}"
    if level in (Level.STORM_NOW, Level.STORM_OVER):
        return f"{_lost(case, size)} · {of_all}"
    return f"{wasted}{f', before {case.before}' if case.before else ''} · {of_all}"


def _kinds(case: Case) -> str:
    """What the failures were that are no duplicates, by their stages."""
    stats = case.block.stats
    kinds = (
        (stats.failed_kreads, "files that could not be read"),
        (stats.failed_decompress, "files that could not be unpacked"),
        (stats.failures - stats.duplicate_failures, "bad file, signature, version or symbols"),
    )
    return "; ".join(words for number, words in kinds if number > 0)


def _in_storms(case: Case, size: str) -> str:
    """Which part of the waste the storms made that were watched, where that is not all of it."""
    wasted = sum(storm.wasted for storm in case.storms)
    if wasted >= 0.95 * case.block.stats.virtual_mem_wasted_bytes:
        return ""
    return f", {units.size(wasted, size)} of it while it was watched"


def _loads(number: int) -> str:
    return f"{units.count(number)} load{'s' if number != 1 else ''}"


def _unreadable(case: Case) -> str:
    block = case.block
    if block.lacks:
        return f"the text lacks {block.lacks[0]}"
    stage = next(s for s in STAGES if block.stats.counter(s.bytes) >= ABSURD_BYTES)
    return f"{stage.bytes} = {block.stats.counter(stage.bytes)} is no size"


def _what(case: Case, level: Level, size: str) -> str:
    stats, rows = case.block.stats, case.rows
    if level is Level.HEALTHY:
        if case.block.counted is not None:
            unseen = "files that could not be read or unpacked are not seen"
            return f"{_loads(stats.modcount)}; nothing was refused, {unseen}"
        loaded = f"{_loads(stats.modcount)}, {units.size(stats.total_mod_size, size)}"
        return f"{loaded}; nothing was refused"
    if case.block.table_missing:
        return "how many of the failures are duplicates is not known: the table is missing"
    if not rows:
        return f"no module was refused because its name was already there: {_kinds(case)}"
    parts = [f"{len(rows)} module{'s' if len(rows) > 1 else ''} refused {times_of(rows)}"]
    if len(rows) > 1:
        parts[0] += " each"
    costly = [e for e in case.modules if e.bytes]
    # One that can be told from all others comes first where several cost the same.
    costly.sort(key=lambda e: (-e.bytes, len(e.modules)))
    costly = costly if any(len(e.modules) == 1 for e in costly) else []
    if costly and case.block.other == 0:
        top = costly[0]
        total = stats.virtual_mem_wasted_bytes
        share = f" ({100 * top.bytes / total:.0f}%)" if total else ""
        about = "about " if top.basis == ESTIMATED else ""
        told = f"{about}{units.size(top.bytes, size)}{share}"
        together = " together" if len(top.modules) > 1 else ""
        parts.append(f"{named(top.modules)} cost most{together}: {told}")
    elif not costly and (usual := usual_shares(stats)):
        parts.append(f"probably {named([usual[0][0]])} cost most, if they are as long as usual")
    else:
        parts.append(f"most often {named(most_often(rows))}")
    if 2 * stats.duplicate_failures < stats.failed_requests and not case.block.truncated:
        number = stats.failed_requests - stats.duplicate_failures
        parts.insert(0, f"{units.count(number)} failures were no duplicates: {_kinds(case)}")
    return "; ".join(parts)


def _when(case: Case) -> str:
    told, since = _moments(case), case.block.counted
    return told if since is None else f"{told}; counted since {_moment(since)}, not before"


def _moments(case: Case) -> str:
    storms = [s for s in case.storms if s.failures >= STORM_FAILURES]
    if not storms:
        if case.before and case.order:
            return f"before {case.before}; first to fail: {named(case.order)}"
        if case.storms:
            return f"{_moment(case.storms[0].began)} after boot, a few at a time"
        if case.block.stats.failed_requests:
            return "at a time that is not known"
        return "never since boot, by the kernel's own counters"
    told = _span(case, storms[0]) if len(storms) == 1 else _several(storms)
    near = _milestone(case, storms[0])
    return told + (f", {near}" if near else "")


def _moment(seconds: float) -> str:
    return f"{seconds:,.1f} s"


def _span(case: Case, storm: Storm) -> str:
    if storm.ended is None or case.is_growing:
        return f"since {_moment(storm.began)} after boot"
    if storm.ended - storm.began < _INSTANT_S:
        return f"{_moment(storm.began)} after boot, between two looks"
    span = units.span(storm.ended - storm.began)
    return f"{_moment(storm.began)} to {_moment(storm.ended)} after boot, within {span}"


def _several(storms: Sequence[Storm]) -> str:
    worst = max(storms, key=lambda s: s.wasted)
    return (
        f"{len(storms)} storms since {_moment(storms[0].began)} after boot;"
        f" the worst from {_moment(worst.began)} on"
    )


def _milestone(case: Case, storm: Storm) -> str:
    """The next thing that systemd reached after it began."""
    later = [(name, at) for name, at in case.evidence.milestones if at >= storm.began]
    return f"before {later[0][0]} ({_moment(later[0][1])})" if later else ""


def _who(case: Case, level: Level, found: Sequence[Finding]) -> tuple[str, Confidence | None]:
    if level is Level.UNKNOWN:
        return "not told by these numbers", None
    if level is Level.HEALTHY:
        folding = ": this kernel folds concurrent loads, zero is usual"
        return f"nobody to blame{folding if advice.folds(case) else ''}", None
    if (traced := _told_who(case, found)) is not None:
        return traced
    blamed = [f for f in found if f.accuses and f.duplicates]
    if blamed and not _is_of_the_storm(case, blamed):
        before = _accused(blamed[0])
        return f"not told by these numbers; before it was watched, {before}", None
    if blamed:
        top = blamed[0]
        all_of_them, theirs = case.block.duplicates or 0, top.duplicates or 0
        failed = case.block.stats.failed_requests
        if 2 * theirs <= failed:
            part = f"{units.count(theirs)} of {units.counted(failed, 'failure')}"
            return f"not told by these numbers for most; {part}: {_accused(top)}", None
        part = f", {units.count(theirs)} of {units.count(all_of_them)} duplicates"
        return f"{_accused(top)}{part if theirs < all_of_them else ''}", top.confidence
    if level is Level.FAILING:
        return "not told by these numbers; see the kernel log", None
    races = [f for f in found if f.rule == "race"]
    most = 2 * case.block.stats.duplicate_failures > case.block.stats.failed_requests
    if races and most and all(row.times <= FEW for row in case.rows):
        return "dependencies loaded by two at once", Confidence.POSSIBLE
    return "not told by these numbers", None


def _told_who(case: Case, found: Sequence[Finding]) -> tuple[str, Confidence | None] | None:
    """Who asked for most of what failed while it was watched, where that was told; else None."""
    told = [f for f in found if f.rule in TOLD and f.accuses and f.duplicates]
    theirs = sum(f.duplicates or 0 for f in told)
    all_of_them = case.block.duplicates or theirs
    is_storm = any(storm.failures >= STORM_FAILURES for storm in case.storms)
    watched = sum(case.grown.values()) if is_storm else all_of_them
    if not told or 2 * theirs <= watched:
        return None
    told.sort(key=lambda f: -(f.duplicates or 0))
    alone = len(told) == 1
    names = "; ".join(
        _accused(f) + ("" if alone else f" {units.count(f.duplicates or 0)}") for f in told[:2]
    )
    if len(told) > 2:
        names += f"; {len(told) - 2} more"
    part = f", {units.count(theirs)} of {units.count(all_of_them)} duplicates"
    how_sure = max((f.confidence for f in told), key=list(Confidence).index)
    return f"{names}{part if theirs < all_of_them else ''}", how_sure


TOLD = ("requester", "autoload")
"""Rules whose findings come from what was told while it happened; that of the kernel log names
no duplicates."""


def _is_of_the_storm(case: Case, blamed: Sequence[Finding]) -> bool:
    """Whether those who are blamed explain most of what failed while it was watched."""
    watched = sum(case.grown.values())
    if not case.storms or not watched:
        return True
    theirs = {module for finding in blamed for module in finding.modules}
    return 2 * sum(n for m, n in case.grown.items() if m in theirs) > watched


def _accused(finding: Finding) -> str:
    if finding.side is Side.UNKNOWN:
        return f"{finding.requester}, whose parent is not known"
    side = "the kernel" if finding.side is Side.KERNEL else "userspace"
    how = {"per-cpu": ", one event per CPU", "per-device": ", one event per device"}
    who = finding.who or finding.requester or "its autoloader"
    return f"{side}: {who}{how.get(finding.rule, '')}"
