"""Real traces, with what was really asked by whom."""

import json
from collections import Counter

from kmodtop_core.tracing.requests import Requests, heard_of

from .samples import SAMPLES

TRACED = SAMPLES / "traced"
STOCK = SAMPLES / "stock"

CASES = sorted(path.parent.name for path in TRACED.glob("*/trace.txt"))


def pieces(case):
    """A traced case with all that lies beside its texts."""
    own = SAMPLES / "who" / case
    folders = [SAMPLES / "who", own, TRACED / case] if own.is_dir() else [TRACED / case]
    files = [path for folder in folders for path in folder.glob("*.*") if path.is_file()]
    return {path.name: path.read_bytes() for path in files if path.name != "README.md"}


def truth(case):
    return json.loads((TRACED / case / "truth.json").read_text())


def told(case):
    requests = Requests()
    for piece, data in heard_of(pieces(case)):
        requests.hear(piece, data)
    return requests.at()


def duplicates(told_, by):
    """How many of each `by(requester)`."""
    return Counter(by(r.requester) for r in told_.failed if r.load.is_duplicate)


def bundle(case, tmp_path):
    """The same as a folder."""
    folder = tmp_path / case
    folder.mkdir()
    for name, data in pieces(case).items():
        (folder / name).write_bytes(data)
    return folder
