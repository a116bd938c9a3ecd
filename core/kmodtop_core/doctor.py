"""Why a source can or can't be read here, cause by cause, each with its fix."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .errors import SourceError, Trouble
from .machine import DEBUGFS, STATS_PATH, Machine, filesystem
from .plain import harmless
from .playing import open_played
from .report import wasted
from .sample import Gap, Item
from .sources.bounded import read_pipe
from .sources.opening import SIM, SSH, is_polled, is_recording, read_now
from .sources.polled import PolledFile
from .sources.remote import Remote, address
from .statsfile import NoStatistics, parse
from .units import count, size
from .why import why_unfit, why_unreadable


class Finding(NamedTuple):
    """One cause looked at. `state` is ok, bad or unknown; `fix` is empty where none is needed.

    `reads`: this is how it was found that statistics can be read.
    """

    state: str
    what: str
    fix: str = ""
    reads: bool = False


def examine(name: str | None, machine: Machine, sudo: bool = False) -> list[Finding]:
    """All findings of a source, in the order in which one stands on the other.

    Knows every kind of source that can be watched.
    """
    return list(_examine(name, machine, sudo))


def _examine(name: str | None, machine: Machine, sudo: bool) -> Iterator[Finding]:
    try:
        if name == "-":
            yield from _stdin()
        elif name and name.startswith(SIM):
            yield from _simulator(name)
        elif name and name.startswith(SSH):
            yield from _host(name, sudo)
        else:
            yield from _path(name or STATS_PATH, machine)
    except SourceError as error:
        yield _bad(error.why)


def _path(path: str, machine: Machine) -> Iterator[Finding]:
    checks: list[Callable[[Machine], Finding]] = []
    if os.path.abspath(path).startswith(DEBUGFS):
        checks = [_version, _option, _debugfs, _panic_on_warn]
    elif is_polled(path, machine):
        checks = [_panic_on_warn]
    for check in checks:
        yield check(machine)
    yield from _file(path, machine)


def _stdin() -> Iterator[Finding]:
    if os.isatty(0):
        fix = "pipe the statistics in, or name a file"
        yield Finding("bad", "standard input: is the terminal itself", fix)
        return
    yield Finding("ok", "standard input is open")
    yield from _text("standard input", read_pipe(0, "standard input"))


def _simulator(name: str) -> Iterator[Finding]:
    sample = read_now(name, Machine())[0]
    yield Finding("ok", f"{name}: the scenario can be simulated, on {sample.host.cpus} CPUs")
    yield from _text(name, sample.text)


def _host(name: str, sudo: bool) -> Iterator[Finding]:
    where = address(name)
    program = shutil.which("ssh")
    if program is None:
        yield Finding("bad", "ssh is not installed here", "install an OpenSSH client")
        return
    yield Finding("ok", f"ssh is {program}; it will be asked for {where.target}")
    source = Remote(where, 1.0, sudo=sudo)
    source.connect()
    try:
        host = source.host
        facts = [host.name, f"kernel {host.kernel}" if host.kernel else None,
                 f"{host.cpus} CPUs" if host.cpus else None]  # fmt: skip
        yield Finding("ok", f"it answers: {harmless(', '.join(filter(None, facts)))}")
        yield from _item(name, source.read())
    finally:
        source.close()


def _bad(why: Trouble) -> Finding:
    return Finding("bad", f"{why.subject}: {why.what}" if why.subject else why.what, why.fix)


def _version(machine: Machine) -> Finding:
    kernel = harmless(machine.kernel or "")
    if machine.version is None:
        return Finding("unknown", "kernel version: not known", "look at uname -r; 6.4 is needed")
    if machine.too_old:
        return Finding(
            "bad", f"kernel {kernel}: module statistics came with 6.4", "boot a newer one"
        )
    folded = machine.version >= (6, 5)
    note = (
        "; concurrent loads of one file are folded (6.5), a quiet table is normal" if folded else ""
    )
    return Finding("ok", f"kernel {kernel}: new enough{note}")


def _option(machine: Machine) -> Finding:
    built = machine.option("CONFIG_MODULE_STATS")
    if built is None or machine.config is None:
        return Finding(
            "unknown",
            "CONFIG_MODULE_STATS: neither /proc/config.gz nor"
            f" /boot/config-{harmless(machine.kernel or '')} can be read",
            "look into the kernel's configuration",
        )
    where = machine.config[0]
    if built:
        return Finding("ok", f"CONFIG_MODULE_STATS is set ({where})")
    return Finding(
        "bad",
        f"CONFIG_MODULE_STATS is not set ({where})",
        "boot a kernel built with CONFIG_MODULE_DEBUG=y and CONFIG_MODULE_STATS=y",
    )


def _debugfs(machine: Machine) -> Finding:
    if machine.has_debugfs:
        return Finding("ok", f"debugfs is mounted at {DEBUGFS}")
    if machine.debugfs_switch:
        return Finding(
            "bad",
            f"debugfs is switched off by {machine.debugfs_switch} on the kernel command line",
            "boot without it",
        )
    return Finding(
        "bad",
        f"debugfs is not mounted at {DEBUGFS}",
        f"as root: mount -t debugfs debugfs {DEBUGFS}",
    )


def _panic_on_warn(machine: Machine) -> Finding:
    if not machine.panics_on_warn:
        return Finding("ok", "panic_on_warn is not set: reading a table of 112 rows only warns")
    return Finding(
        "bad",
        "panic_on_warn is set: reading a table of 112 or more rows panics this machine;"
        " kmodtop stops reading at 105",
        "sysctl kernel.panic_on_warn=0 while you watch",
    )


def _file(path: str, machine: Machine) -> Iterator[Finding]:
    shown = harmless(path)
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        yield _bad(why_unreadable(path, error, machine))
        return
    if unfit := why_unfit(path, mode):
        yield _bad(unfit)
        return
    kind = filesystem(path, machine) or "an unknown kind of file system"
    what = "a pipe" if stat.S_ISFIFO(mode) else "there"
    yield Finding("ok", f"{shown} is {what}, on {kind}")
    if is_recording(path):
        yield from _recording(path)
    elif is_polled(path, machine):
        source = PolledFile(path, 1.0, machine)
        item = source.read()
        source.close()
        yield from _item(path, item)
    else:
        yield from _text(path, read_now(path, machine)[-1].text)


def _recording(path: str) -> Iterator[Finding]:
    recording = open_played(path, "")
    boots = recording.boots()
    texts = sum(recording.counts(boot)[0] for boot in boots)
    yield Finding("ok", f"it is a recording: {count(len(boots))} boots, {count(texts)} texts")
    recording.close()
    yield from _text(path, read_now(path, Machine())[-1].text)


def _item(name: str, item: Item) -> Iterator[Finding]:
    if isinstance(item, Gap):
        yield _bad(item.why)
    else:
        yield from _text(name, item.text)


def _text(name: str, text: bytes) -> Iterator[Finding]:
    try:
        block = parse(text)[-1]
    except NoStatistics as none:
        yield Finding("bad", f"{harmless(name)}: {none.what}", none.fix)
        return
    stats = block.stats
    lost = wasted(block)
    amount = "an unknown amount" if lost is None else size(lost)
    yield Finding(
        "ok",
        f"it can be read: {count(stats.modcount)} loads, {count(stats.failed_requests)} failed"
        f" requests, {amount} of virtual memory wasted",
        reads=True,
    )
    yield from (Finding("bad", warning.message) for warning in block.warnings)
