"""Why the stats file can or can't be read here, cause by cause, each with its fix."""

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .errors import Trouble
from .machine import DEBUGFS, STATS_PATH, Machine, filesystem
from .plain import harmless
from .sample import Gap
from .sources.polled import PolledFile
from .statsfile import NoStatistics, parse
from .units import size
from .why import why_unreadable


class Finding(NamedTuple):
    """One cause looked at. `state` is ok, bad or unknown; `fix` is empty where none is needed."""

    state: str
    what: str
    fix: str = ""


def examine(path: str | None, machine: Machine) -> list[Finding]:
    """All findings, in the order in which one stands on the other."""
    name = path or STATS_PATH
    checks: list[Callable[[Machine], Finding]] = [_version, _option, _debugfs, _panic_on_warn]
    if not os.path.abspath(name).startswith(DEBUGFS):
        checks = [_panic_on_warn]
    return [*(check(machine) for check in checks), *_file(name, machine)]


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
        os.stat(path)
    except OSError as error:
        yield _bad(why_unreadable(path, error, machine))
        return
    kind = filesystem(path, machine) or "an unknown kind of file system"
    yield Finding("ok", f"{shown} is there, on {kind}")
    source = PolledFile(path, 1.0, machine)
    item = source.read()
    source.close()
    if isinstance(item, Gap):
        yield _bad(item.why)
        return
    try:
        block = parse(item.text)[-1]
    except NoStatistics as none:
        yield Finding("bad", f"{shown}: {none}")
        return
    stats = block.stats
    yield Finding(
        "ok",
        f"it can be read: {stats.modcount} modules loaded, {stats.failed_requests} failed requests,"
        f" {size(stats.virtual_mem_wasted_bytes)} of virtual memory wasted",
    )
    yield from (Finding("bad", warning.message) for warning in block.warnings)
