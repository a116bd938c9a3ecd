"""Files that a key writes: the report that was copied, the picture of the screen."""

import os
import time
from contextlib import suppress

from kmodtop_core.machine.folders import own_folder
from kmodtop_core.plain import harmless
from kmodtop_core.reports.report import Snapshot, to_text
from kmodtop_core.tracking.frame import Frame

from ..view.view import View


def report_text(frame: Frame | None, view: View) -> str | None:
    """The text report of what is on the screen; None while there is nothing."""
    snapshot = _snapshot(frame, view)
    return None if snapshot is None else to_text(snapshot, view.look.units)


def markdown(frame: Frame | None, view: View) -> str | None:
    """The findings with their evidence, for issue trackers; None while there is nothing."""
    from kmodtop_core.reports.markdown import to_markdown  # only where it is asked for

    snapshot = _snapshot(frame, view)
    return None if snapshot is None else to_markdown(snapshot, view.look.units)


def _snapshot(frame: Frame | None, view: View) -> Snapshot | None:
    """What is shown, as reports take it."""
    if frame is None or frame.block is None or frame.sample is None:
        return None
    situation = view.situation
    return Snapshot(situation.source.label, frame.sample, frame.block, answer=situation.answer)


def new_path(name: str) -> str:
    """A file of that name with the time in it, in the user's state folder; makes the folder."""
    base, ending = os.path.splitext(name)
    with suppress(OSError):  # the reason is reported when the file is opened
        os.makedirs(own_folder(), mode=0o700, exist_ok=True)
    return os.path.join(own_folder(), f"{base}-{time.strftime('%Y%m%d-%H%M%S')}{ending}")


def save(name: str, text: str, what: str) -> str:
    """Writes a new file of that name with the time in it; returns what to tell the reader."""
    path = new_path(name)
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        return f"{harmless(path)} cannot be written: {error.strerror}"
    home = os.path.expanduser("~")
    short = f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path
    return f"{what} {harmless(short)}"
