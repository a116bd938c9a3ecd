"""Where files of kmodtop lie."""

import os

SYSTEM = "/var/lib/kmodtop"
"""Of root, and of the unit that records each boot (hier(7))."""


def state_folder(home: str, state: str | None) -> str:
    """A user's own: recordings, reports and pictures.

    A relative XDG_STATE_HOME is to be ignored (XDG Base Directory Specification).
    """
    base = state if state and os.path.isabs(state) else f"{home}/.local/state"
    return os.path.join(base, "kmodtop")


def own_folder() -> str:
    """That of the user who runs this."""
    return state_folder(os.path.expanduser("~"), os.environ.get("XDG_STATE_HOME"))


def recordings_folder() -> str:
    """Where this user's recordings lie: root's are the system's."""
    return SYSTEM if os.geteuid() == 0 else own_folder()
