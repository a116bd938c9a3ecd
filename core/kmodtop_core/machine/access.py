"""Why a file cannot be read: each cause told apart, with its fix in the same sentence."""

import errno
import os
import stat

from ..errors import Trouble
from .as_root import as_root
from .facts import DEBUGFS, STATS_PATH, Machine


def why_unreadable(path: str, error: OSError, machine: Machine) -> Trouble:
    """What keeps `path` from being read: what, why, what to do, in one sentence."""
    if isinstance(error, PermissionError):
        return _why_forbidden(path, machine)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        below = os.path.abspath(path).startswith(DEBUGFS + "/")
        return _why_no_stats(path, machine) if below else _why_missing(path)
    if isinstance(error, IsADirectoryError):
        return Trouble("directory", "is a directory", "name a file in it", path)
    if error.errno in (errno.EMFILE, errno.ENFILE):
        fix = "close files, or raise ulimit -n"
        return Trouble(
            "no-descriptors", "cannot be opened, as there are no file descriptors left", fix, path
        )
    reason = error.strerror or type(error).__name__
    return Trouble(
        "unreadable", f"cannot be read ({reason})", "check the device and the mount", path
    )


def lacks_statistics(machine: Machine) -> Trouble | None:
    """What is known of a kernel that keeps no statistics; None where it may keep them."""
    if os.path.exists(machine.path(STATS_PATH)):
        return None
    lacks = _kernel_lacks(STATS_PATH, machine)
    if lacks is None and machine.has_debugfs:
        lacks = _no_support(STATS_PATH)
    return lacks


def why_unfit(path: str, mode: int) -> Trouble | None:
    """Why a file of that kind is no source; None if it is one."""
    if stat.S_ISDIR(mode):
        inside = " (it has one called stats)" if os.path.exists(os.path.join(path, "stats")) else ""
        fix = f"name a file in it{inside}, or a bundle, which holds stats.jsonl or kmsg.txt"
        return Trouble("directory", "is a directory", fix, path)
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        fix = "name a file or use - for a pipe"
        return Trouble("device", "is a device, not a stats text", fix, path)
    if stat.S_ISSOCK(mode):
        fix = "name a file or use - for a pipe"
        return Trouble("socket", "is a socket, which cannot be read", fix, path)
    return None


def _why_forbidden(path: str, machine: Machine) -> Trouble:
    lacks = _kernel_lacks(path, machine) if path.startswith(DEBUGFS) else None
    return lacks or Trouble(
        "permission",
        "permission denied, as only root may read it",
        f"start with {as_root()}, or grant CAP_DAC_READ_SEARCH",
        path,
    )


def _why_missing(path: str) -> Trouble:
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        return Trouble("missing", f"the folder {folder} does not exist", "check the path", path)
    return Trouble("missing", "no such file", "check the path", path)


def _why_no_stats(path: str, machine: Machine) -> Trouble:
    lacks = _kernel_lacks(path, machine)
    if lacks:
        return lacks
    if switch := machine.debugfs_switch:
        what = f"debugfs is switched off by {switch} on the kernel command line"
        return Trouble("debugfs-off", what, "boot without it", path)
    if not machine.has_debugfs:
        fix = f"as root: mount -t debugfs debugfs {DEBUGFS}"
        return Trouble("debugfs-not-mounted", "debugfs is not mounted", fix, path)
    if path != STATS_PATH:
        return Trouble("missing", "no such file", f"the statistics are in {STATS_PATH}", path)
    if machine.option("CONFIG_MODULE_STATS"):
        what = "is missing although the kernel was built with CONFIG_MODULE_STATS"
        return Trouble("missing", what, "look into the kernel log for debugfs", path)
    return _no_support(path)


def _no_support(path: str) -> Trouble:
    what = "this kernel has no module statistics, probably built without CONFIG_MODULE_STATS"
    return Trouble("no-kernel-support", what, f"boot one that has it{_other_way()}", path)


def _other_way() -> str:
    """For who is root already it was tried, and told."""
    return ", or start as root: kmodtop then counts loads by tracing" if os.geteuid() else ""


def _kernel_lacks(path: str, machine: Machine) -> Trouble | None:
    """What the kernel is known to lack, with the way out; None if nothing is known."""
    if machine.too_old:
        return Trouble(
            "no-kernel-support",
            f"kernel {machine.kernel} is too old, module statistics came with 6.4",
            f"boot a newer one built with CONFIG_MODULE_STATS{_other_way()}",
            path,
        )
    if machine.option("CONFIG_MODULE_STATS") is False:
        return Trouble(
            "no-kernel-support",
            f"kernel {machine.kernel} was built without CONFIG_MODULE_STATS"
            " (below CONFIG_MODULE_DEBUG)",
            f"boot one that has it{_other_way()}",
            path,
        )
    return None
