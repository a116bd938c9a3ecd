"""kmodtop export --format openmetrics."""

import re

from support.command import kmodtop
from support.recordings import record
from support.samples import SAMPLES, sample, stats

from kmodtop_core.sample import Host

BOTH = SAMPLES / "states/both.txt"


def exported(*words):
    done = kmodtop("export", *map(str, words), "--format", "openmetrics")
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_recordings_of_one_name_in_several_folders_are_told_apart(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        host = Host("big", "6.12.9", 4, f"boot-{name}")
        record(str(tmp_path / name / "boot.db"), *(sample(n, stats(), host) for n in (1, 9)))
    status, text, _ = exported(tmp_path / "a/boot.db", tmp_path / "b/boot.db")
    assert status == 0
    assert set(re.findall(r'kmodtop_up\{instance="(.*?)"', text)) == {
        f"big ({tmp_path}/{name}/boot.db)" for name in ("a", "b")
    }


def test_what_has_no_clock_is_refused_in_a_sentence():
    for name in (BOTH, SAMPLES / "series/storm-moderate.jsonl"):
        status, text, says = exported(name)
        assert status == 4 and text == "" and says.count("\n") == 1
        assert "when it was read" in says or "no clock times" in says


def test_one_recording_that_cannot_be_read_does_not_keep_the_others_from_it(tmp_path):
    path = tmp_path / "boot.db"
    record(str(path), sample(1, stats(), Host("big", boot_id="b")))
    status, text, says = exported(path, tmp_path / "missing.db")
    assert status == 3 and "missing.db: no such file" in says
    assert text.endswith("# EOF\n") and "kmod_loads_total" in text
