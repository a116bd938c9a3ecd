"""Who is named, on captures with known culprits and in simulated worlds.

samples/who: what the script of each case really did is in its truth.json.
"""

import json

import pytest
from support.command import kmodtop
from support.samples import SAMPLES
from support.worlds import world

from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.finding import Confidence

CASES = sorted(path.parent.name for path in SAMPLES.glob("who/*/truth.json"))
UDEV_ALONE = ("a_udev",)


def reported(case):
    done = kmodtop("report", str(SAMPLES / "who" / case), "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def truth(case):
    told = json.loads((SAMPLES / "who" / case / "truth.json").read_text())
    return {who["label"]: who["modules"] for who in told["who"] if "modules" in who}


@pytest.mark.parametrize("case", CASES)
def test_nobody_is_accused_falsely(case):
    """Of what failed while the culprit's script ran, nothing is said to be another's doing."""
    culprits = truth(case)
    theirs = {m for label, modules in culprits.items() if "udev" not in label for m in modules}
    for finding in reported(case)["findings"]:
        if finding["requester"] and finding["confidence"] != "possible":
            assert finding["requester"] == "udev"
            assert theirs.isdisjoint(finding["modules"]), finding


@pytest.mark.parametrize("case", UDEV_ALONE)
def test_udev_is_named_where_it_alone_asked(case):
    report = reported(case)
    (udev,) = report["requesters"]
    assert (udev["requester"], udev["confidence"]) == ("udev", "likely")
    assert udev["duplicates"] >= 0.95 * sum(sum(m.values()) for m in truth(case).values())
    assert report["verdict"]["who"].startswith("userspace: udev, one event per CPU")


def test_a_storm_that_others_made_is_not_laid_on_udev():
    """The table still has udev's rows, from before it was watched."""
    who = reported("b_loop")["verdict"]["who"]
    assert who.startswith("not told by these numbers; before it was watched")


def test_a_quiet_boot_blames_nobody():
    report = reported("q_quiet")
    assert report["findings"] == [] and report["requesters"] == []
    assert report["verdict"]["level"] == "healthy"
    assert report["verdict"]["who"].startswith("nobody to blame")


@pytest.mark.parametrize(
    ("path", "side", "requester", "words"),
    [
        ("seed-255vcpu-stats-only.txt", "userspace", "udev", "up to 249 times"),
        ("sr950-448cpu-release-master.txt", "userspace", "udev", "up to 447 times"),
        ("seed-8vcpu-early-check.txt", "unknown", None, "up to 7 times"),
    ],
)
def test_one_text_makes_it_possible_not_more(path, side, requester, words):
    done = kmodtop("report", str(SAMPLES / "published" / path), "--format", "json")
    first = json.loads(done.stdout)["findings"][0]
    assert (first["rule"], first["side"], first["requester"]) == ("per-cpu", side, requester)
    assert first["confidence"] == "possible" and words in first["sentence"]
    assert "kvm" in first["sentence"] and "as long as usual" in first["sentence"]


# ---- worlds ------------------------------------------------------------------


@pytest.mark.parametrize("half", range(2))
def test_false_accusations_are_rare_at_likely_and_none_at_certain(half):
    """docs/who-asked.md has the table of more worlds."""
    wrong = named = 0
    for seed in range(50 * half, 50 * half + 50):
        one = world(seed)
        for finding in diagnose(one.case).findings:
            assert not finding.requester or finding.confidence is not Confidence.CERTAIN
            if finding.requester and finding.confidence is Confidence.LIKELY:
                named += 1
                falsely = one.caused(finding.requester, finding.modules) < 0.5
                wrong += falsely
                assert not falsely or one.kind == "udev, then a loop", seed
    assert named > 9 and wrong <= 1
