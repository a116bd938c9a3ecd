"""The cases of a check in the formats of those who run tests.

text    a line a case
json    kmodtop.check/1, a contract
junit   the XML that most CI servers read
ktap    Documentation/dev-tools/ktap.rst of the kernel
github  workflow commands, which GitHub shows beside the change
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ..diagnosis.finding import Answer
from ..jsontext import dumps
from ..plain import harmless, to_ascii
from .answer import answer_lines, answer_object
from .check import Case, Status


class Checked(NamedTuple):
    """Cases of a source, and what is to be said of it where one failed."""

    source: str
    kernel: str | None
    cases: Sequence[Case]
    answer: Answer | None = None

    @property
    def lines(self) -> list[str]:
        """The answer: what happened, when, who is to blame."""
        return list(answer_lines(self.answer)) if self.answer else []


def worst(found: Sequence[Checked]) -> Checked:
    """Of several texts of one source: each case as it came out worst, and where that was."""
    if len(found) == 1:
        return found[0]
    cases = []
    for number in range(len(found[0].cases)):
        same = [checked.cases[number] for checked in found]
        place = max(range(len(same)), key=lambda n: _ORDER.index(same[n].status))
        told = f"{same[place].sentence}, in text {place + 1} of {len(found)}"
        cases.append(same[place]._replace(sentence=told))
    answers = [checked.answer for checked in found if checked.answer]
    return found[0]._replace(cases=cases, answer=answers[0] if answers else None)


_ORDER = (Status.PASSED, Status.SKIPPED, Status.ERROR, Status.FAILED)
"""From best to worst."""

_MARKS = {
    Status.PASSED: "ok  ",
    Status.FAILED: "FAIL",
    Status.SKIPPED: "skip",
    Status.ERROR: "ERR ",
}


def to_text(checked: Checked) -> str:
    """For people."""
    lines = [f"{_MARKS[case.status]}  {_told(case)}" for case in checked.cases]
    lines += ["", *checked.lines] if checked.answer else []
    return "".join(f"{line}\n" for line in lines)


def _told(case: Case) -> str:
    return f"{case.name}: {harmless(case.sentence)}"


def to_json(checked: Checked) -> str:
    """One line."""
    found: dict[str, Any] = {
        "schema": "kmodtop.check/1",
        "source": checked.source,
        "kernel": checked.kernel,
        "passed": all(case.status is Status.PASSED for case in checked.cases),
        "cases": [_object(case) for case in checked.cases],
    }
    answer = answer_object(checked.answer) if checked.answer else {}
    return dumps(found | {key: answer[key] for key in ("verdict", "findings") if answer}) + "\n"


def _object(case: Case) -> dict[str, Any]:
    found = round(case.found, 3) if isinstance(case.found, float) else case.found
    return {
        "name": case.name,
        "status": str(case.status),
        "unit": case.unit or None,
        "limit": case.limit,
        "found": found,
        "message": case.sentence,
    }


def to_junit(checked: Checked) -> str:
    """One suite; what failed has the answer with it."""
    from xml.etree import ElementTree as Xml  # only here: others have no use for it

    statuses = [case.status for case in checked.cases]
    counts = {
        "tests": len(statuses),
        "failures": statuses.count(Status.FAILED),
        "errors": statuses.count(Status.ERROR),
        "skipped": statuses.count(Status.SKIPPED),
    }
    totals = {name: str(count) for name, count in counts.items()}
    suites = Xml.Element("testsuites", {"name": "kmodtop", **totals})
    suite = Xml.SubElement(suites, "testsuite", {"name": _xml(checked.source), **totals})
    for case in checked.cases:
        about = {"classname": "kmodtop.check", "name": case.name, "time": "0"}
        one = Xml.SubElement(suite, "testcase", about)
        if case.status is Status.PASSED:
            Xml.SubElement(one, "system-out").text = _xml(case.sentence)
            continue
        word = {Status.FAILED: "failure", Status.ERROR: "error"}.get(case.status, "skipped")
        told = Xml.SubElement(one, word, {"message": _xml(case.sentence)})
        if case.status is Status.FAILED:
            told.set("type", case.name)
            told.text = _xml("\n".join(checked.lines))
    Xml.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(suites, encoding="unicode")}\n'


def _xml(text: str) -> str:
    """Without what no XML may hold (XML 1.0, Char)."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


def to_ktap(checked: Checked) -> str:
    """Flat, as kselftest has it; ASCII, as it is for consoles. Diagnostics stand before the result
    that they belong to."""
    return to_ascii("".join(f"{line}\n" for line in _ktap(checked)))


def _ktap(checked: Checked) -> Iterator[str]:
    yield "KTAP version 1"
    yield f"1..{len(checked.cases)}"
    yield f"# {_line(checked.source)}"
    lines = checked.lines
    for number, case in enumerate(checked.cases, 1):
        told = f"# {case.name}: {_line(case.sentence)}"
        if case.status is Status.PASSED:
            yield from (told, f"ok {number} {case.name}")
        elif case.status is Status.SKIPPED:
            yield f"ok {number} {case.name} # SKIP {_line(case.sentence)}"
        elif case.status is Status.ERROR:
            yield f"not ok {number} {case.name} # ERROR {_line(case.sentence)}"
        else:
            yield from (told, *(f"# {_line(line)}" for line in lines))
            yield f"not ok {number} {case.name}"
            lines = []  # the answer is the same for all that failed


def _line(text: str) -> str:
    """What begins no directive of its own."""
    return harmless(text).replace("#", "")


def to_github(checked: Checked) -> str:
    """A command for each case that did not pass, else a line."""
    lines, told = [], checked.lines
    for case in checked.cases:
        if case.status is Status.PASSED:
            lines.append(_told(case))
            continue
        word = "warning" if case.status is Status.SKIPPED else "error"
        more = told if case.status is Status.FAILED else []
        told = [] if case.status is Status.FAILED else told
        message = _data("\n".join(map(harmless, [case.sentence, *more])))
        lines.append(f"::{word} title={_property(f'kmodtop {case.name}')}::{message}")
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    """As the runner takes it apart (actions/toolkit, command.ts, escapeData)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[Checked], str]] = {
    "text": to_text,
    "json": to_json,
    "junit": to_junit,
    "ktap": to_ktap,
    "github": to_github,
}
