"""Cases laid before the rules: a table, and what is known beside it."""

import json

from kmodtop_core.diagnosis.case import case_of_text
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE, read_evidence
from kmodtop_core.sample import Host, Instant
from kmodtop_core.stats.parse import parse, render
from support.samples import stats


def text(*rows, **counters):
    return parse(render(stats(*rows, **counters)))[-1]


def case_of(*rows, pieces=None, cpus=None, kernel=None, **counters):
    evidence = read_evidence(pieces) if pieces else NO_EVIDENCE
    return case_of_text(
        text(*rows, **counters), Host(kernel=kernel, cpus=cpus), Instant(0), evidence
    )


def aliases(devices, *modules, bus="cpu"):
    lines = "".join(f"alias {bus}:* {module}\n" for module in modules)
    places = [f"devices/{bus}{n}" for n in range(devices)]
    return {
        "modaliases.json": json.dumps({f"{bus}:one": places}).encode(),
        "modules.alias": lines.encode(),
    }


def findings(case, rule):
    return [finding for finding in diagnose(case).findings if finding.rule == rule]
