"""Completion scripts for shells, made of the table of words by shtab.

That for fish needs shtab 1.9. One older than 1.7, as in Debian 12, makes none: its script for
bash completes neither verbs nor values.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version

import shtab

from kmodtop.words import VERBS, words_of

SHELLS = {"bash": (1, 7), "zsh": (1, 7), "fish": (1, 9)}
"""Each with the shtab that it needs."""

_FILES = {"FILE", "FILE.toml", "FILE.prom", "FOLDER", "RECORDING", "A", "B"}
_SOURCES = {"source", "scenario", "model"}


def scripts() -> dict[str, str]:
    """The script of each shell that this shtab knows; stderr tells which it does not."""
    major, minor = version("shtab").split(".")[:2]
    known = [shell for shell, needed in SHELLS.items() if (int(major), int(minor)) >= needed]
    if missing := ", ".join(shell for shell in SHELLS if shell not in known):
        print(f"no completion for {missing}: shtab {version('shtab')} is too old", file=sys.stderr)
    found = {shell: shtab.complete(_whole(), shell=shell) for shell in known}
    if "bash" in found:
        # What is no verb is a file: kmodtop FILE means kmodtop watch FILE.
        found["bash"] = re.sub(
            r"^complete ", "complete -o default ", found["bash"], flags=re.MULTILINE
        )
    return found


def _whole() -> argparse.ArgumentParser:
    """All verbs as one parser."""
    top = argparse.ArgumentParser(prog="kmodtop", description="the kernel's module loading")
    verbs = top.add_subparsers(dest="verb")
    for verb, about in VERBS.items():
        one = verbs.add_parser(verb, help=about, description=about)
        for names, given in words_of(verb):
            _add(one, names, given)
    return top


def _add(one: argparse.ArgumentParser, names: tuple[str, ...], given: dict[str, object]) -> None:
    action = one.add_argument(*names, **given)  # type: ignore[arg-type]
    if _is_file(action):
        action.complete = shtab.FILE  # type: ignore[attr-defined]


def _is_file(action: argparse.Action) -> bool:
    return action.choices is None and (action.metavar in _FILES or action.dest in _SOURCES)


def files(scripts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(where it is installed below share/, its text) of each."""
    places = {
        "bash": "bash-completion/completions/kmodtop",
        "zsh": "zsh/site-functions/_kmodtop",
        "fish": "fish/vendor_completions.d/kmodtop.fish",
    }
    for shell, text in scripts.items():
        yield places[shell], text
