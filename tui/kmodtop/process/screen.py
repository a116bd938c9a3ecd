"""Whether a live view can be shown here."""

from importlib.util import find_spec

from .libraries import use_own
from .streams import is_terminal


def why_no_view() -> str:
    """Why there is a report instead, as a sentence; empty where a live view can be shown.

    Textual may be left out: the core, as for an initramfs, has neither it nor the app.
    """
    if not is_terminal(1):
        return "no terminal on stdout, so this is a report; on one there is a live view"
    use_own()
    if any(find_spec(name) is None for name in ("textual", "kmodtop.app")):
        return (
            "this is kmodtop without its live view, so this is a report; kmodtop follow shows"
            " changes, the package kmodtop, kmodtop.pyz and pip install kmodtop have the view"
        )
    return ""
