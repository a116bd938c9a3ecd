"""Why a file can't be read: each cause told apart, with its fix in the same sentence."""

import os
import stat

from .machine import DEBUGFS, STATS_PATH, Machine
from .plain import harmless
from .sample import Why


def why_unreadable(path: str, error: OSError, machine: Machine) -> Why:
    """What keeps `path` from being read: what, why, what to do, in one sentence."""
    shown = harmless(path)
    if isinstance(error, PermissionError):
        return _why_forbidden(shown, machine)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        below = os.path.abspath(path).startswith(DEBUGFS + "/")
        return _why_no_stats(shown, machine) if below else _why_missing(shown, path)
    if isinstance(error, IsADirectoryError):
        return Why("directory", f"{shown}: is a directory; name a file in it")
    reason = error.strerror or type(error).__name__
    return Why("unreadable", f"{shown}: can't be read ({reason}); check the device and the mount")


def why_unfit(path: str, mode: int) -> Why | None:
    """Why a file of that kind is no source; None if it is one."""
    shown = harmless(path)
    if stat.S_ISDIR(mode):
        inside = " (it has one called stats)" if os.path.exists(os.path.join(path, "stats")) else ""
        return Why("directory", f"{shown}: is a directory; name a file in it{inside}")
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return Why(
            "device", f"{shown}: is a device, not a stats text; name a file or use - for a pipe"
        )
    if stat.S_ISSOCK(mode):
        return Why(
            "socket", f"{shown}: is a socket, which can't be read; name a file or use - for a pipe"
        )
    return None


def _why_forbidden(shown: str, machine: Machine) -> Why:
    lacks = _kernel_lacks(machine)
    if lacks and shown.startswith(DEBUGFS):
        return Why("no-kernel-support", f"{shown}: {lacks}")
    return Why(
        "permission",
        f"{shown}: permission denied, as only root may read it; start with sudo,"
        " or grant CAP_DAC_READ_SEARCH",
    )


def _why_missing(shown: str, path: str) -> Why:
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        return Why(
            "missing", f"{shown}: the folder {harmless(folder)} does not exist; check the path"
        )
    return Why("missing", f"{shown}: no such file; check the path")


def _why_no_stats(shown: str, machine: Machine) -> Why:
    lacks = _kernel_lacks(machine)
    if lacks:
        return Why("no-kernel-support", f"{shown}: {lacks}")
    if switch := machine.debugfs_switch:
        return Why(
            "debugfs-off",
            f"{shown}: debugfs is switched off by {switch} on the kernel command line;"
            " boot without it",
        )
    if not machine.has_debugfs:
        return Why(
            "debugfs-not-mounted",
            f"{shown}: debugfs is not mounted; as root: mount -t debugfs debugfs {DEBUGFS}",
        )
    if shown != STATS_PATH:
        return Why("missing", f"{shown}: no such file; the statistics are in {STATS_PATH}")
    if machine.option("CONFIG_MODULE_STATS"):
        return Why(
            "missing",
            f"{shown}: is missing although the kernel was built with CONFIG_MODULE_STATS;"
            " look into the kernel log for debugfs",
        )
    return Why(
        "no-kernel-support",
        f"{shown}: this kernel has no module statistics, probably built without"
        " CONFIG_MODULE_STATS; boot one that has it",
    )


def _kernel_lacks(machine: Machine) -> str | None:
    """What the kernel is known to lack, with the way out; None if nothing is known."""
    if machine.too_old:
        return (
            f"kernel {machine.kernel} is too old, module statistics came with 6.4;"
            " boot a newer one built with CONFIG_MODULE_STATS"
        )
    if machine.option("CONFIG_MODULE_STATS") is False:
        return (
            f"kernel {machine.kernel} was built without CONFIG_MODULE_STATS"
            " (below CONFIG_MODULE_DEBUG); boot one that has it"
        )
    return None
