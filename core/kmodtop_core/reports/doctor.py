"""Why a source can or cannot be read here, cause by cause, each with its fix."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..diagnosis.evidence.kernel_log import read_log
from ..errors import SourceError, Trouble
from ..machine.access import lacks_statistics, why_unfit, why_unreadable
from ..machine.facts import DEBUGFS, STATS_PATH, Machine, filesystem
from ..opening.kinds import Kind, kind_of
from ..opening.playing import open_played
from ..opening.reading import read_now
from ..plain import harmless
from ..sample import Gap, Item, Sample
from ..sources.bounded import read_pipe
from ..sources.bundle import items_of, read_pieces
from ..sources.polled import PolledFile
from ..sources.remote import Remote
from ..sources.ssh import address
from ..stats.parse import NoStatistics, parse
from ..tracing.leftovers import leftovers
from ..tracing.probes import boot_words
from ..tracing.tracefs import why_not
from ..units import count, counted, size
from .kernels import how_to_build
from .report import wasted


class Condition(NamedTuple):
    """What has to hold for statistics to be read.

    `state` is ok, bad or unknown; `fix` is empty where none is needed; `reads`: this is how it
    was found that statistics can be read.
    """

    state: str
    what: str
    fix: str = ""
    reads: bool = False


def examine(name: str | None, machine: Machine, sudo: bool = False) -> list[Condition]:
    """All conditions of a source, in the order in which one stands on the other.

    Knows every kind of source that can be watched.
    """
    return list(_examine(name, machine, sudo))


def _examine(name: str | None, machine: Machine, sudo: bool) -> Iterator[Condition]:
    kind, path = kind_of(name, machine), name or STATS_PATH
    try:
        if kind is Kind.TRACED:
            yield from _tracing(machine)
        elif kind is Kind.STDIN:
            yield from _stdin()
        elif kind is Kind.SIMULATED:
            yield from _simulator(path)
        elif kind is Kind.REMOTE:
            yield from _host(path, sudo)
        else:
            yield from _path(path, kind, machine)
    except SourceError as error:
        yield _bad(error.why)


def _path(path: str, kind: Kind, machine: Machine) -> Iterator[Condition]:
    checks: list[Callable[[Machine], Condition]] = []
    if os.path.abspath(path).startswith(DEBUGFS):
        checks = [_version, _option, _debugfs, _panic_on_warn]
    elif kind is Kind.POLLED:
        checks = [_panic_on_warn]
    for check in checks:
        yield check(machine)
    yield from _file(path, kind, machine)
    if path == STATS_PATH:
        yield from _tracing(machine)


def _tracing(machine: Machine) -> Iterator[Condition]:
    """The other way: loads can be counted, and it can be told who asks."""
    if why := why_not(machine):
        yield Condition("unknown", f"loads cannot be counted by tracing: {why.what}", why.fix)
    else:
        told = "loads can be counted by tracing (--source trace), and who asks found out (--blame)"
        yield Condition("ok", told, reads=lacks_statistics(machine) is not None)
    told = "a whole boot can be traced by the kernel alone, and reported afterwards"
    yield Condition("ok", told, f"add to the kernel's command line: {boot_words(machine)}")
    for group, _ in leftovers(machine):
        what = f"a kmodtop that was killed has left {group} in tracefs"
        yield Condition("bad", what, "kmodtop doctor --clean, as root")


def _stdin() -> Iterator[Condition]:
    if os.isatty(0):
        fix = "pipe the statistics in, or name a file"
        yield Condition("bad", "standard input: is the terminal itself", fix)
        return
    yield Condition("ok", "standard input is open")
    yield from _text("standard input", read_pipe(0, "standard input"))


def _simulator(name: str) -> Iterator[Condition]:
    sample = read_now(name, Machine())[0]
    yield Condition("ok", f"{name}: the scenario can be simulated, on {sample.host.cpus} CPUs")
    yield from _text(name, sample.text)


def _host(name: str, sudo: bool) -> Iterator[Condition]:
    where = address(name)
    program = shutil.which("ssh")
    if program is None:
        yield Condition("bad", "ssh is not installed here", "install an OpenSSH client")
        return
    yield Condition("ok", f"ssh is {program}; it will be asked for {where.target}")
    source = Remote(where, 1.0, sudo=sudo)
    source.connect()
    try:
        host = source.host
        facts = [host.name, f"kernel {host.kernel}" if host.kernel else None,
                 f"{host.cpus} CPUs" if host.cpus else None]  # fmt: skip
        yield Condition("ok", f"it answers: {harmless(', '.join(filter(None, facts)))}")
        yield from _item(name, source.read())
    finally:
        source.close()


def _bad(why: Trouble) -> Condition:
    return Condition("bad", f"{why.subject}: {why.what}" if why.subject else why.what, why.fix)


def _version(machine: Machine) -> Condition:
    kernel = harmless(machine.kernel or "")
    if machine.version is None:
        return Condition("unknown", "kernel version: not known", "look at uname -r; 6.4 is needed")
    if machine.too_old:
        return Condition(
            "bad", f"kernel {kernel}: module statistics came with 6.4", "boot a newer one"
        )
    folded = machine.version >= (6, 5)
    note = (
        "; concurrent loads of one file are folded (6.5), a quiet table is normal" if folded else ""
    )
    return Condition("ok", f"kernel {kernel}: new enough{note}")


def _option(machine: Machine) -> Condition:
    built = machine.option("CONFIG_MODULE_STATS")
    if built is None or machine.config is None:
        return Condition(
            "unknown",
            "CONFIG_MODULE_STATS: neither /proc/config.gz nor"
            f" /boot/config-{harmless(machine.kernel or '')} can be read",
            "look into the kernel's configuration",
        )
    where = machine.config[0]
    if built:
        return Condition("ok", f"CONFIG_MODULE_STATS is set ({where})")
    return Condition(
        "bad",
        f"CONFIG_MODULE_STATS is not set ({where})",
        how_to_build(machine),
    )


def _debugfs(machine: Machine) -> Condition:
    if machine.has_debugfs:
        return Condition("ok", f"debugfs is mounted at {DEBUGFS}")
    if machine.debugfs_switch:
        return Condition(
            "bad",
            f"debugfs is switched off by {machine.debugfs_switch} on the kernel command line",
            "boot without it",
        )
    return Condition(
        "bad",
        f"debugfs is not mounted at {DEBUGFS}",
        f"as root: mount -t debugfs debugfs {DEBUGFS}",
    )


def _panic_on_warn(machine: Machine) -> Condition:
    if not machine.panics_on_warn:
        return Condition("ok", "panic_on_warn is not set: reading a table of 112 rows only warns")
    return Condition(
        "bad",
        "panic_on_warn is set: reading a table of 112 or more rows panics this machine;"
        " kmodtop stops reading at 105",
        "sysctl kernel.panic_on_warn=0 while you watch",
    )


def _file(path: str, kind: Kind, machine: Machine) -> Iterator[Condition]:
    shown = harmless(path)
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        yield _bad(why_unreadable(path, error, machine))
        return
    if kind is not Kind.BUNDLE and (unfit := why_unfit(path, mode)):
        yield _bad(unfit)
        return
    where = filesystem(path, machine) or "an unknown kind of file system"
    what = "a pipe" if stat.S_ISFIFO(mode) else "there"
    yield Condition("ok", f"{shown} is {what}, on {where}")
    if kind is Kind.RECORDING:
        yield from _recording(path)
    elif kind is Kind.BUNDLE:
        yield from _bundle(path)
    elif kind is Kind.POLLED:
        source = PolledFile(path, 1.0, machine)
        item = source.read()
        source.close()
        yield from _item(path, item)
    else:
        yield from _text(path, read_now(path, machine)[-1].text)


def _recording(path: str) -> Iterator[Condition]:
    recording = open_played(path, "")
    boots = recording.boots()
    texts = sum(recording.counts(boot)[0] for boot in boots)
    yield Condition("ok", f"it is a recording: {count(len(boots))} boots, {count(texts)} texts")
    recording.close()
    yield from _text(path, read_now(path, Machine())[-1].text)


def _bundle(path: str) -> Iterator[Condition]:
    pieces = read_pieces(path)
    yield Condition("ok", f"it is a bundle of evidence: {', '.join(sorted(pieces))}")
    texts = [item.text for item in items_of(pieces, path) if isinstance(item, Sample)]
    yield from _text(path, texts[-1] if texts else pieces.get("kmsg.txt", b""))


def _item(name: str, item: Item) -> Iterator[Condition]:
    if isinstance(item, Gap):
        yield _bad(item.why)
    else:
        yield from _text(name, item.text)


def _text(name: str, text: bytes) -> Iterator[Condition]:
    try:
        block = parse(text)[-1]
    except NoStatistics as none:
        log = read_log(text)
        if log.tells:
            number = counted(sum(log.asked.values()), "duplicate request")
            told = f"it is a kernel log with {number} of the autoloader; there are no statistics"
            yield Condition("ok", told, reads=True)
        else:
            yield Condition("bad", f"{harmless(name)}: {none.what}", none.fix)
        return
    stats = block.stats
    lost = wasted(block)
    amount = "an unknown amount" if lost is None else size(lost)
    yield Condition(
        "ok",
        f"it can be read: {count(stats.modcount)} loads, {count(stats.failed_requests)} failed"
        f" requests, {amount} of virtual memory wasted",
        reads=True,
    )
    yield from (Condition("bad", warning.message) for warning in block.warnings)
