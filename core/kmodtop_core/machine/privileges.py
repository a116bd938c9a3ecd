"""Least privilege: what needs root is opened, then root is given up for good.

Sources: setresuid(2), capabilities(7) (changing all user ids from 0 clears the
capability sets), prctl(2) PR_SET_NO_NEW_PRIVS, sudo(8), doas(1), pkexec(1).
"""

import os
import pwd
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import Exit, SourceError, Trouble

_NO_NEW_PRIVS = 38


class Person(NamedTuple):
    """A user of this machine."""

    name: str
    uid: int
    gid: int
    home: str


def wanted(name: str | None, environ: Mapping[str, str]) -> Person | None:
    """Whom to become: the user that was named, else the one who called sudo, doas or pkexec.

    None is nobody else. Raises SourceError when there is no such user.
    """
    try:
        if name is not None:
            return _person(int(name) if name.isdecimal() else name)
        for variable in ("SUDO_UID", "PKEXEC_UID", "DOAS_USER"):
            value = environ.get(variable, "")
            if value:
                return _person(int(value) if value.isdecimal() else value)
    except (KeyError, ValueError, OverflowError):
        shown = value if name is None else name
        why = Trouble("no-user", "there is no such user", "name another with --as", repr(shown))
        raise SourceError(why, Exit.USAGE) from None
    return None


def _person(who: int | str) -> Person:
    entry = pwd.getpwuid(who) if isinstance(who, int) else pwd.getpwnam(who)
    return Person(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir)


def will_change(name: str | None) -> bool:
    """Whether giving root up makes this process another user's. Raises SourceError."""
    person = wanted(name, os.environ) if os.geteuid() == 0 else None
    return person is not None and person.uid != 0


def give_up(name: str | None = None) -> str:
    """Becomes that user, or the calling one, if this process is root's.

    Returns who it is now, where that has to be shown: "as NAME". Raises SourceError
    when it is not allowed, or when root cannot be given up.
    """
    if os.geteuid() != 0:
        if name is not None and wanted(name, {}) != _person(os.geteuid()):
            why = Trouble("not-root", "only root can become another user", "use sudo -u", name)
            raise SourceError(why, Exit.USAGE)
        return ""
    person = wanted(name, os.environ)
    if person is None or person.uid == 0:
        return "as root" if person else ""
    _become(person)
    return f"as {person.name}"


def _become(person: Person) -> None:
    import ctypes  # only here: nobody else calls the kernel past Python

    needed = [_kept_in(name) for name in (os.__file__, __file__)]
    prctl = ctypes.CDLL(None).prctl
    try:
        os.setgroups(os.getgrouplist(person.name, person.gid))
        os.setresgid(person.gid, person.gid, person.gid)
        os.setresuid(person.uid, person.uid, person.uid)
    except OSError as error:
        raise _stuck(error.strerror or "not allowed") from None
    prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)  # not even a set-user-ID program gives root back
    left = capabilities()
    if any(left.values()) or 0 in (*os.getresuid(), *os.getresgid()):
        raise _stuck(f"left are {left}")
    for file in needed:
        if not os.access(file, os.R_OK):
            what = f"cannot be read as {person.name}"
            fix = "install kmodtop where that user can read it, or use --as root"
            raise SourceError(Trouble("unreachable", what, fix, file), Exit.USAGE)
    for variable in [name for name in os.environ if name.startswith("XDG_")]:
        del os.environ[variable]
    os.environ |= {"HOME": person.home, "USER": person.name, "LOGNAME": person.name}


def _kept_in(path: str) -> str:
    """The file itself, or the archive that it is in (PEP 441)."""
    while not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path


def _stuck(why: str) -> SourceError:
    fix = "run it as yourself, or with --as root"
    return SourceError(Trouble("still-root", f"root cannot be given up ({why})", fix), Exit.USAGE)


def capabilities() -> dict[str, int]:
    """The sets of this process that give it anything (proc(5), /proc/self/status)."""
    found = {}
    with open("/proc/self/status") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("CapPrm", "CapEff", "CapAmb"):
                found[name] = int(value, 16)
    return found
