"""A recording summed up, and the difference of two."""

import json

import pytest
from support.command import kmodtop
from support.recordings import HOST, record
from support.samples import SAMPLES, dup, gap, sample, stats

from kmodtop_core.sample import Host


def test_a_recording_is_summed_up_by_boot(path):
    quiet, grown = stats(dup("kvm", 1)), stats(dup("new", 7), dup("kvm", 3))
    record(path, sample(1, quiet, HOST), sample(2, grown, HOST), gap(40), sample(60, grown, HOST))
    other = Host("other", boot_id="b-2")
    record(path, sample(5, quiet, other), sample(9, quiet, other))
    text = kmodtop("report", path).stdout.decode()
    assert "boot 1 of 2: big, kernel 6.12.9, 255 CPUs" in text and "boot 2 of 2: other" in text
    assert "From 1.0 s to 60.0 s after boot: 3 texts, 1 gaps" in text
    assert "    1     2.0 s     2.0 s" in text and "new 7, kvm 2" in text
    assert "Nothing failed while it was recorded." in text
    first, second = map(json.loads, kmodtop("report", path, "--format", "json").stdout.splitlines())
    assert first["recording"]["storms"][0]["modules"] == [
        {"module": "new", "count": 7},
        {"module": "kvm", "count": 2},
    ]
    assert first["counters"]["failed_becoming"] == 10 and second["boot_id"] == "b-2"


def test_what_changed_between_two_recordings(path, tmp_path):
    other = str(tmp_path / "other")
    record(path, sample(1, stats(dup("kvm", 1)), HOST))
    record(other, sample(31, stats(dup("new", 2), dup("kvm", 4)), HOST))
    done = kmodtop("diff", path, other, "--format", "json", "--exit-code")
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["delta_s"] == 30
    assert found["counters"]["failed_becoming"] == {"a": 1, "b": 6, "delta": 5}
    assert [(m["module"], m["a"], m["b"]) for m in found["duplicates"]] == [
        ("kvm", 1, 4), ("new", None, 2),
    ]  # fmt: skip
    assert kmodtop("diff", path, path, "--exit-code").returncode == 0
    assert b"Nothing changed." in kmodtop("diff", path, path).stdout


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("states/both.txt", "states/fresh-boot-no-module.txt", "name the older one first"),
        ("states/both.txt", "README.md", "holds no module statistics"),
        ("states/both.txt", "nothing", "nothing"),
    ],
)
def test_differences_that_there_are_not(first, second, says):
    done = kmodtop("diff", str(SAMPLES / first), str(SAMPLES / second))
    assert done.returncode in (2, 3, 4) and says in done.stderr.decode()
    assert not done.stdout
