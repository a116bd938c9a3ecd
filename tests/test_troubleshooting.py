"""Every sentence that the page of troubles quotes is one that the program prints."""

import ast
import re

import pytest
from support.samples import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text()
QUOTED = re.findall(r"“((?:[^“”]|“[^“”]*”)*)”", PAGE)
CHANGES = re.compile(
    r"…|sudo kmodtop|\b(?:HOST|NAME|kmodtop_PID_STARTTIME|moved|deleted|dd)\b"
    r"|\b(?:stats\.jsonl|kmsg\.txt)\b"
    r"|/sys/\S+|[\d.]+|[;:,()]| and | or | goes "
)
"""What differs from one machine to another, and where parts of a sentence meet."""

OTHERS = (
    "ssh: Could not resolve hostname",
    "ssh HOST cat",
    "Read-only file system",
    "database disk image is malformed",
)
"""Said by others: ssh, the C library, SQLite."""


def _strings():
    for path in (*ROOT.glob("core/**/*.py"), *ROOT.glob("tui/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = (v.value if isinstance(v, ast.Constant) else "…" for v in node.values)
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


SAID = "\n".join(_strings())


def _parts(sentence):
    for other in OTHERS:
        sentence = sentence.replace(other, "")
    parts = (part.strip(" ,.()") for part in CHANGES.split(sentence))
    return [part for part in parts if len(part) > 3]


@pytest.mark.parametrize("sentence", [one for one in QUOTED if _parts(one)])
def test_a_sentence_that_is_quoted_is_printed(sentence):
    for part in _parts(sentence):
        assert part in SAID, part


def test_sentences_are_quoted():
    assert len(QUOTED) > 70
