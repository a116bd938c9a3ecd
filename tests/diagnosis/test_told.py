"""Who asked, as it was told while it happened: words, and how far each is believed."""

import json
import re

import pytest
from support.command import kmodtop
from support.recordings import record
from support.samples import SAMPLES
from support.traces import CASES, bundle, truth

from kmodtop_core.diagnosis.askers import match
from kmodtop_core.sample import Host, Instant, Sample
from kmodtop_core.stats.format import render
from kmodtop_core.stats.values import Duplicate, FailReason, ModuleStats
from kmodtop_core.tracing.loads import Load, Outcome
from kmodtop_core.tracing.processes import Life
from kmodtop_core.tracing.requests import Request, Told

NAMES = {"udev worker": "udev", "kernel autoloader": None}


def report(source, *words):
    done = kmodtop("report", str(source), "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES)
def test_nobody_but_the_culprits_is_certain_and_all_of_these_are(case, tmp_path):
    folder = bundle(case, tmp_path)
    found, known = report(folder), truth(case)
    want = {NAMES.get(w["label"], w["label"]): w["duplicates"] for w in known["who"]}
    certain = [r for r in found["requesters"] if r["confidence"] == "certain"]
    assert {r["requester"]: r["duplicates"] for r in certain} == want
    for requester in certain:
        assert requester["side"] == ("kernel" if requester["requester"] is None else "userspace")
    accused = [f for f in found["findings"] if f["duplicates"] and f["confidence"] == "certain"]
    accused = [f for f in accused if f["rule"] in ("requester", "autoload")]
    assert {f["requester"] for f in accused} == set(want)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"CPU:3 [LOST 4 EVENTS]", "4 events of the trace were lost"),
        (b"no line of the kernel's", "1 line of the trace cannot be the kernel's own"),
        (b"              fl-1       [000] .....    33.000000: dup: (f+0x0/0x1) reason=0",
         "1 load could not be followed"),
    ],
)  # fmt: skip
def test_a_trace_that_is_not_whole_makes_it_likely_only(tmp_path, line, says):
    folder = bundle("b_loop", tmp_path)
    trace = folder / "trace.txt"
    trace.write_bytes(trace.read_bytes() + b"\n" + line + b"\n")
    found = report(folder)
    assert {r["confidence"] for r in found["requesters"]} == {"likely"}
    assert says in str(found["findings"])


def test_events_that_do_not_account_for_the_table_make_it_likely_only(tmp_path):
    folder = bundle("b_loop", tmp_path)
    lines = (folder / "trace.txt").read_bytes().splitlines(keepends=True)
    fewer = [line for n, line in enumerate(lines) if b" dup: " not in line or n % 7]
    (folder / "trace.txt").write_bytes(b"".join(fewer))
    found = report(folder)
    assert {r["confidence"] for r in found["requesters"]} == {"likely"}
    assert "but the table grew by 77" in str(found["findings"])


def test_one_text_beside_a_trace_that_ends_before_it_is_held_against_it(tmp_path):
    """A match of nothing with nothing makes nobody certain."""
    folder = bundle("b_loop", tmp_path)
    series = (folder / "stats.jsonl").read_text().splitlines()
    texts = [json.loads(line) for line in series if '"text"' in line]
    (folder / "stats.jsonl").unlink()
    (folder / "stats.txt").write_text(texts[-1]["text"])
    found = report(folder)
    assert {r["confidence"] for r in found["requesters"]} == {"likely"}


def test_what_was_before_the_trace_is_not_blamed_on_who_was_traced(tmp_path):
    found = report(bundle("b_loop", tmp_path))
    udev = next(f for f in found["findings"] if f["requester"] == "udev")
    assert (udev["duplicates"], udev["confidence"]) == (98, "likely")
    assert found["verdict"]["who"] == "userspace: b.sh, 77 of 176 duplicates"


def test_who_asked_for_one_of_two_hundred_is_not_the_one_to_blame(tmp_path):
    found = report(bundle("d_autoload", tmp_path))
    assert found["verdict"]["who"].startswith("not told by these numbers for most")
    assert found["verdict"]["confidence"] is None


def test_calls_by_init_module_have_their_own_next_step():
    found = report(SAMPLES / "stock" / "udev-16cpu")
    (udev,) = [f for f in found["findings"] if f["requester"] == "udev"]
    # Without a probe of init functions one that refuses as a duplicate does cannot be told apart.
    assert udev["confidence"] == "likely" and udev["duplicates"] == 231
    assert "init_module, which no kernel folds" in udev["next"][0]
    old = report(SAMPLES / "stock" / "bookworm-4cpu")
    assert "init_module" not in str(old["findings"][0]["next"])
    assert [r["confidence"] for r in old["requesters"]] == ["certain"]


def test_most_calls_decide_the_next_step(tmp_path):
    trace = (SAMPLES / "stock/bookworm-4cpu/trace.txt").read_bytes()
    few = trace.replace(b"__do_sys_finit_module", b"__do_sys_init_module", 20)
    (tmp_path / "trace.txt").write_bytes(few)
    (tmp_path / "meta.json").write_text('{"kernel": "6.1.0-50-amd64"}')
    (udev,) = [f for f in report(tmp_path)["findings"] if f["requester"] == "udev"]
    assert "init_module 10, finit_module 42" in str(udev["evidence"])
    assert "a newer kernel ends this" in udev["next"][0]


def test_of_one_text_alone_nobody_knows_the_moment(tmp_path):
    line = '%16s-%-7d [000] ..... %12.6f: dup: (f+0x0/0x1) name="kvm" reason=0\n'
    (tmp_path / "trace.txt").write_text("".join(line % ("fl", 9, at) for at in (10.0, 10.01)))
    for times, confidence in ((1, "likely"), (2, "certain")):
        counters = {"failed_becoming": times, "invalid_becoming_bytes": 9}
        row = Duplicate("kvm", times, FailReason.BECOMING)
        (tmp_path / "stats.txt").write_bytes(render(ModuleStats(**counters, duplicates=(row,))))
        assert [r["confidence"] for r in report(tmp_path)["requesters"]] == [confidence]


def test_who_opened_which_module_is_likely_and_never_more():
    found = report(SAMPLES / "traced" / "fan_udev")
    shares = {r["requester"]: r["duplicates"] for r in found["requesters"]}
    assert shares == {"udev": 98, "modprobe": 40}
    assert {r["requester"]: r["confidence"] for r in found["requesters"]} == {
        "udev": "likely",
        "modprobe": "possible",
    }
    modprobe = next(f for f in found["findings"] if f["requester"] == "modprobe")
    assert modprobe["side"] == "unknown" and modprobe["confidence"] == "possible"


def test_a_saved_trace_serves_beside_a_text(tmp_path):
    folder = bundle("c_modload", tmp_path)
    words = ["--trace", str(folder / "trace.txt"), "--modules", str(SAMPLES / "who")]
    (folder / "trace.txt").rename(tmp_path / "t")
    words[1] = str(tmp_path / "t")
    found = report(folder, *words)
    assert found["requesters"][0]["requester"] == "systemd-modules-load"


def test_a_table_that_is_not_known_makes_nobody_certain():
    assert not match(Told(1.0), None, 0.0, 9.0).is_equal


def dup(at, module="kvm"):
    load = Load(at, 1, "fl", module, Outcome.BECOMING, True, 1)
    return Request(load, Life(1, "fl"))


def test_modules_are_matched_and_not_their_sum():
    told = Told(1.0, failed=(dup(1.0), dup(2.0, "nfs")))
    assert match(told, {"kvm": 1, "nfs": 1}, 0.0, 9.0).is_equal
    other = match(told, {"kvm": 2}, 0.0, 9.0)
    assert not other.is_equal and "of other modules" in other.sentence
    assert not match(told, {"kvm": 1}, 0.0, 9.0).is_equal


def test_only_events_at_the_moment_of_the_text_may_or_may_not_be_in_it():
    told = Told(1.0, failed=(dup(1.0), dup(8.99)))
    for times, is_equal in ((0, False), (1, True), (2, True), (3, False)):
        assert match(told, {"kvm": times}, 0.0, 9.0, 0.05).is_equal is is_equal
    assert not match(told, {"kvm": 1}, 0.0, 9.0).is_equal


def test_a_trace_of_another_machine_makes_nobody_certain(tmp_path):
    """Neither beside a table that is cut, nor beside a counted boot, nor beside other modules."""
    trace = (SAMPLES / "traced/boot_cmdline/trace.txt").read_bytes()
    text = (SAMPLES / "traced/boot_cmdline/stats.txt").read_text()
    renamed = re.sub(r"^( +)(\w+)(\t)", lambda m: m[1] + m[2][::-1] + m[3], text, flags=re.M)
    for name, stats in (
        ("cut", (SAMPLES / "limits/rows-once-180.txt").read_text()),
        ("other", text.partition("Duplicate")[0] + "".join(renamed.partition("Duplicate")[1:])),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "stats.txt").write_text(stats)
        (folder / "trace.txt").write_bytes(trace)
        assert {r["confidence"] for r in report(folder)["requesters"]} == {"likely"}
    alien = str(SAMPLES / "stock/sid-8cpu/trace.txt")
    found = report(SAMPLES / "stock/bookworm-4cpu", "--trace", alien)
    assert {r["confidence"] for r in found["requesters"]} == {"likely"}


def test_bytes_of_a_module_are_those_of_its_events_where_all_was_traced(tmp_path):
    found = report(SAMPLES / "stock/bookworm-4cpu")
    assert {e["basis"] for e in found["module_bytes"]} == {"exact"}
    assert all("module" in e for e in found["module_bytes"])
    assert sum(e["bytes"] for e in found["module_bytes"]) == 8_822_632
    part = report(bundle("mix", tmp_path))  # of which kvm failed before it was traced
    assert "kvm" in str(part["module_bytes"])
    cold = report(bundle("a_udev", tmp_path))
    assert sum(e["bytes"] for e in cold["module_bytes"]) == truth("a_udev")["waste_bytes"]


def test_a_parent_that_nobody_saw_fork_is_likely_only(tmp_path):
    line = '%16s-%-7d [000] ..... %12.6f: dup: (f+0x0/0x1) name="kvm" reason=0 comm="modprobe"\n'
    (tmp_path / "trace.txt").write_text(line % ("modprobe", 9, 10.0))
    row = Duplicate("kvm", 1, FailReason.BECOMING)
    (tmp_path / "stats.txt").write_bytes(render(ModuleStats(failed_becoming=1, duplicates=(row,))))
    entries = [
        {"pid": 9, "comm": "modprobe", "ppid": 5, "unit": None},
        {"pid": 5, "comm": "agent", "ppid": 1, "unit": "agent.service"},
    ]
    (tmp_path / "procs.jsonl").write_text("".join(f"{json.dumps(e)}\n" for e in entries))
    (agent,) = report(tmp_path)["requesters"]
    assert (agent["requester"], agent["unit"]) == ("agent", "agent.service")
    assert agent["confidence"] == "likely"


def test_a_trace_that_is_named_is_heard_once():
    trace = str(SAMPLES / "stock/bookworm-4cpu/trace.txt")
    done = kmodtop("report", "--trace", trace, "--format", "json")
    assert json.loads(done.stdout)["requesters"][0]["duplicates"] == 52
    folder = SAMPLES / "traced/boot_cmdline"
    found = report(folder, "--trace", str(folder / "trace.txt"))
    assert found["requesters"][0]["duplicates"] == 113
    assert found["requesters"][0]["confidence"] == "certain"


def test_a_trace_that_is_named_is_of_the_last_boot(tmp_path):
    path, folder = str(tmp_path / "r.db"), SAMPLES / "traced/boot_cmdline"
    text = (folder / "stats.txt").read_bytes()
    hosts = [Host("a", "6.12", 8, f"b-{n}") for n in range(2)]
    record(path, *(Sample(Instant(60.0), text, host) for host in hosts))
    done = kmodtop("report", path, "--trace", str(folder / "trace.txt"), "--format", "json")
    first, last = map(json.loads, done.stdout.splitlines())
    assert "certain" not in str(first["requesters"])
    assert [r["confidence"] for r in last["requesters"]] == ["certain"]
