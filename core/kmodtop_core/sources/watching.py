"""Watching: when regular files are to be looked at.

A watch on a file itself goes deaf after the first rename over it, so folders are
watched, and those of what links lead to. At each step of the watch the files are
looked at too, which sees what no event tells: links that moved, folders that were
replaced. A folder in which others write without pause wakes whoever watches it
thousands of times a second; there it is looked by the clock until it is quiet.
"""

import itertools
import os
from collections.abc import Iterator, Sequence
from typing import Protocol

from ..errors import Trouble
from .base import Means, Stop, now, reason_of

STEP_S = 0.3
"""Seconds between looks: five wakeups a second at most, with what the reader of the file does."""

_FIRST_S = 0.05
"""Seconds until the second look, where a folder is not there yet."""

_LINKS_S = 2.0
"""Seconds between looks at where links lead."""

_BUSY_S = 1.2
"""Seconds for which each step tells of others' files, after which the folder may be busy."""

_BUSY_WAKES = 20
"""Wakeups of this process a second from which on it is."""

_CLOCK_S = (20.0, 30.0, 60.0)
"""Seconds by the clock until it is tried again to watch, and longer each time that fails."""

_PROBE_S = 0.01
"""Seconds of watching that tell whether a folder is still busy."""


class Watched(Protocol):
    """A file that can be looked at."""

    label: str
    means: Means
    detour: Trouble | None
    interval: float

    def paths(self) -> list[str]:
        """Where it is, and what it links to."""

    def is_due(self) -> bool:
        """Whether there is something to be looked at."""


Folders = dict[str, tuple[int, int]]
"""Folders that exist, with device and inode."""


class Busy(Exception):  # noqa: N818 - said as the field says it
    """Others write into a folder without pause."""


def watching(files: Sequence[Watched], stop: Stop) -> Iterator[None]:
    """Ticks whenever the files are to be looked at, and at their intervals; at once first.

    Tells the files how they are watched: their `means` and `detour`.
    """
    yield
    stop.wait(STEP_S)  # what the library takes to be imported is left to the first picture
    yield
    failures, is_busy = 0, False
    while not stop.is_set():
        folders = _folders(files)
        if not folders:
            stop.wait(_FIRST_S)
            yield
            continue
        try:
            if is_busy and _is_still_busy(folders, stop):
                raise Busy
            for _ in _watch(files, folders, stop):
                _tell(files, Means.WATCHED, None)
                failures, is_busy = 0, False
                yield
        except ImportError:
            yield from _without_library(files, stop)
        except Exception as error:
            if _folders(files) == folders:
                failures, is_busy = failures + 1, isinstance(error, Busy)
                yield from _by_the_clock(files, stop, error, failures)


class _Looking:
    """What the library asks at each step whether to stop: a changed file is looked at at once,
    where the library itself would wait for another step."""

    def __init__(self, files: Sequence[Watched], stop: Stop) -> None:
        self._files, self._stop = files, stop

    def is_set(self) -> bool:
        """Whether to stop watching, for good or for a look."""
        return self._stop.is_set() or any(file.is_due() for file in self._files)


def _watch(files: Sequence[Watched], folders: Folders, stop: Stop) -> Iterator[None]:
    """Ticks when something is due; ends when folders have changed. Raises Busy, and what the
    library does."""
    own = {path for file in files for path in file.paths()}
    looked, busy = now().uptime, None
    quiet = min([file.interval for file in files])
    for changed in _events(folders, STEP_S, quiet, stop, _Looking(files, stop)):
        yield
        at = now().uptime
        if not changed - own:
            busy = None
        elif busy is None:
            busy = at, _wakes()
        elif at - busy[0] >= _BUSY_S and _wakes() - busy[1] > _BUSY_WAKES * (at - busy[0]):
            raise Busy
        if at - looked >= _LINKS_S:
            looked = at
            if _folders(files) != folders:
                return


def _events(
    folders: Folders, step: float, quiet: float, stop: Stop, looking: _Looking | Stop
) -> Iterator[set[str]]:
    """Paths of which events told, no sooner than after a step (seconds), and none after `quiet`
    seconds, or when `looking` finds something; ends when it is time to stop.

    By the backend of watchfiles, as its documentation has it: `watch` would make a new watch after
    each look.
    """
    from watchfiles._rust_notify import RustNotify  # takes 50 ms

    timeout = max(1, int((quiet - step / 2) * 1000))
    with RustNotify(list(folders), False, False, 0, False, False) as backend:
        while not stop.is_set():
            told = backend.watch(1, int(step * 1000), timeout, looking)
            if told == "signal":
                raise KeyboardInterrupt
            if not stop.is_set():
                yield set() if isinstance(told, str) else {path for _, path in told}


def _wakes() -> int:
    """How often this process was woken: getrusage(2)."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def _is_still_busy(folders: Folders, stop: Stop) -> bool:
    """Whether somebody writes there within a moment."""
    return any(itertools.islice(_events(folders, _PROBE_S, 0.0, stop, stop), 1))


def _by_the_clock(
    files: Sequence[Watched], stop: Stop, error: Exception, failures: int
) -> Iterator[None]:
    """Ticks for a while: the folder is busy, or cannot be watched: inotify's limits are used up,
    descriptors are, a name in it cannot be read by the library, or that is at fault."""
    is_busy = isinstance(error, Busy)
    why = "is in a folder where others write without pause"
    what = why if is_busy else f"cannot be watched ({reason_of(error)})"
    _tell(files, Means.LOOKED_AT, ("busy-folder" if is_busy else "not-watched", what))
    until = now().uptime + _CLOCK_S[min(failures, len(_CLOCK_S)) - 1]
    while now().uptime < until and not stop.wait(STEP_S):
        yield


def _without_library(files: Sequence[Watched], stop: Stop) -> Iterator[None]:
    """Ticks for good, as nothing tells when a file changes; that is no trouble of the file's."""
    _tell(files, Means.LOOKED_AT, None)
    while not stop.wait(STEP_S):
        yield


def _tell(files: Sequence[Watched], means: Means, why: tuple[str, str] | None) -> None:
    """How they are watched."""
    for file in files:
        file.means = means
        fix = f"it is looked at every {STEP_S:g} s instead"
        file.detour = None if why is None else Trouble(*why, fix, file.label)


def _folders(files: Sequence[Watched]) -> Folders:
    """Those to be watched; existing ones only."""
    found = {}
    for path in dict.fromkeys(os.path.dirname(path) for file in files for path in file.paths()):
        try:
            info = os.stat(path)
        except OSError:
            continue
        found[path] = (info.st_dev, info.st_ino)
    return found
