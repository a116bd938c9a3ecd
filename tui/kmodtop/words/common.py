"""Words of many verbs: each is taken by all, as a habit may be to give it, and shown by those in
which it acts."""

import argparse
from collections.abc import Iterator
from typing import Any

from kmodtop_core.units import UNITS

from .. import __version__, values
from .verbs import VERBS

Word = tuple[tuple[str, ...], dict[str, Any]]
"""An operand, or an option if its names begin with a dash: names, and what argparse takes of it."""


def word(*names: str, **given: Any) -> Word:
    """By what add_argument takes."""
    return names, given


def switch(name: str, about: str) -> Word:
    """An option without a value."""
    return word(name, action="store_true", help=about)


VERSION = word("--version", action="version", version=f"kmodtop {__version__}")

_LIVE = ("watch", "replay", "demo")
_PRINTING = ("report", "follow", "diff", "check", "simulate")
_READING = ("watch", "report", "follow", "diff", "check", "record", "collect", "exporter")
_NEVER_ROOTS = ("merge", "config", "completion")
"""Verbs that have nothing of root to give up."""

_COMMON: tuple[tuple[Word, tuple[str, ...]], ...] = (
    (
        word("--bytes", help="how sizes are written (iec)", choices=UNITS, default="iec"),
        (*_LIVE, *_PRINTING),
    ),
    (switch("--ascii", "nothing but ASCII characters"), (*_LIVE, *_PRINTING, "doctor")),
    (switch("--no-color", "no colours (as NO_COLOR does)"), _LIVE),
    (
        word(
            "--theme",
            help="colours (auto: the terminal's own)",
            choices=values.THEMES,
            default="auto",
        ),
        _LIVE,
    ),
    (switch("--low-bandwidth", "sends less to the terminal"), _LIVE),
    (
        word("--as", help="whom to become when root is given up", metavar="USER", dest="user"),
        tuple(verb for verb in VERBS if verb not in _NEVER_ROOTS),
    ),
    (
        switch("--sudo", "on another host read by sudo -n"),
        (*_READING, "simulate", "doctor"),
    ),
    (
        switch(
            "--risk-panic",
            "read on even where panic_on_warn is set and the table is near its limit",
        ),
        _READING,
    ),
    (
        word("--config", help="settings from there (see kmodtop config)", metavar="FILE"),
        tuple(verb for verb in VERBS if verb != "completion"),
    ),
    (VERSION, tuple(VERBS)),
)
"""Words, with the verbs in which they act."""


def common_to(verb: str) -> Iterator[Word]:
    """All of them; those that do not act in the verb without help."""
    for (names, given), where in _COMMON:
        yield names, given if verb in where else given | {"help": argparse.SUPPRESS}
