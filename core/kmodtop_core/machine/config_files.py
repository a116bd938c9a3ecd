"""Where settings are kept, and what stands there: TOML, by the XDG Base Directory Specification.

The system's file first, then the user's, whose settings win.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..errors import Exit, SourceError, Trouble
from .privileges import wanted

_NAME = "kmodtop/config.toml"
_LARGEST = 1 << 20
"""Bytes of such a file."""


class Place(NamedTuple):
    """Where a file of settings may lie. `owner`: the user whose file it has to be, None for
    anybody's: root reads for another user what is that user's only."""

    path: str
    owner: int | None = None


def places(environ: Mapping[str, str]) -> list[Place]:
    """Of this user; where root is about to become the calling user, of that one."""
    systems = [
        name for name in environ.get("XDG_CONFIG_DIRS", "").split(":") if os.path.isabs(name)
    ]
    found = [Place(os.path.join(folder, _NAME)) for folder in reversed(systems or ["/etc/xdg"])]
    try:
        person = wanted(None, environ) if os.geteuid() == 0 else None
    except SourceError:
        return found  # of a caller whom this machine does not know
    if person is not None and person.uid:
        return [*found, Place(os.path.join(person.home, ".config", _NAME), person.uid)]
    own = environ.get("XDG_CONFIG_HOME", "")
    base = own if os.path.isabs(own) else os.path.join(os.path.expanduser("~"), ".config")
    return [*found, Place(os.path.join(base, _NAME))] if os.path.isabs(base) else found


def read(place: Place) -> dict[str, Any] | None:
    """What stands there; None where no such file is. Raises SourceError, with the reason."""
    try:
        data = _bytes_of(place)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise unusable(place.path, what, "mend it, or name another by --config") from None
    import tomllib  # only here: most have no such file

    try:
        return tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise unusable(place.path, f"is no TOML ({error})", "kmodtop config prints one") from None


def _bytes_of(place: Place) -> bytes:
    if place.path == os.devnull:
        return b""  # whoever names it wants no settings
    with _as_owner(place.owner):
        fd = os.open(place.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode) or info.st_size > _LARGEST:
            what = f"is no file of at most {_LARGEST >> 20} MiB"
            raise unusable(place.path, what, "name another by --config")
        if place.owner is not None and info.st_uid != place.owner:
            what = "belongs to another user, for whom root would read it"
            raise unusable(place.path, what, "let it belong to the user who calls sudo")
        return file.read(_LARGEST)


@contextmanager
def _as_owner(owner: int | None) -> Iterator[None]:
    """With that user's rights, where root opens what is that user's: a link there may lead
    anywhere (seteuid(2))."""
    if owner is None or os.geteuid() != 0:
        yield
        return
    os.seteuid(owner)
    try:
        yield
    finally:
        os.seteuid(0)


def unusable(path: str, what: str, fix: str) -> SourceError:
    """For what stands in a file of settings, or that file."""
    return SourceError(Trouble("config", what, fix, path), Exit.USAGE)
