"""How a person starts this very program as root."""

import os
import shlex
import sys

SECURE_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where sudo looks for programs, whatever PATH says (sudoers(5), secure_path)."""


def as_root(words: tuple[str, ...] = ()) -> str:
    """A command for the shell, with the whole path where sudo would not find the program: in a
    virtual environment, below ~/.local, or in one file."""
    return " ".join(("sudo", *_program(sys.argv[0], sys.executable), *map(shlex.quote, words)))


def _program(name: str, python: str) -> tuple[str, ...]:
    path = os.path.abspath(name)
    if os.path.basename(path) == "__main__.py":
        return shlex.quote(python), "-m", "kmodtop"
    if path.endswith(".pyz"):
        return shlex.quote(python), shlex.quote(path)
    if "kmodtop" not in os.path.basename(path) or os.path.dirname(path) in SECURE_PATH:
        return ("kmodtop",)
    return (shlex.quote(path),)
