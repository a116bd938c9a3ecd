"""Completion scripts for shells, made of the table of words by shtab."""

import argparse
from collections.abc import Iterator

import shtab

from kmodtop.words import VERBS, words_of

SHELLS = ("bash", "zsh", "fish")

_FILES = {"FILE", "FILE.toml", "FILE.prom", "FOLDER", "RECORDING", "A", "B"}
_SOURCES = {"source", "scenario", "model"}


def scripts() -> dict[str, str]:
    """The script of each shell."""
    found = {shell: shtab.complete(_whole(), shell=shell) for shell in SHELLS}
    # What is no verb is a file: kmodtop FILE means kmodtop watch FILE.
    found["bash"] = found["bash"].replace(
        "complete -o filenames", "complete -o default -o filenames"
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


def files() -> Iterator[tuple[str, str]]:
    """(where it is installed below share/, its text) of each."""
    places = {
        "bash": "bash-completion/completions/kmodtop",
        "zsh": "zsh/site-functions/_kmodtop",
        "fish": "fish/vendor_completions.d/kmodtop.fish",
    }
    for shell, text in scripts().items():
        yield places[shell], text
