"""kmodtop collect: one file that can be sent."""

import json
import zipfile

from support.command import kmodtop
from support.recordings import HOST, record
from support.samples import SAMPLES, dup, sample, stats


def test_what_was_recorded_travels_with_its_evidence(tmp_path):
    path = str(tmp_path / "b.zip")
    done = kmodtop("collect", str(SAMPLES / "who/a_udev"), "-o", path)
    assert done.returncode == 0 and done.stdout == b""
    here = kmodtop("report", str(SAMPLES / "who/a_udev"), "--format", "json").stdout
    there = kmodtop("report", path, "--format", "json").stdout
    for key in ("verdict", "findings", "module_bytes", "requesters"):
        assert json.loads(here)[key] == json.loads(there)[key]


def test_it_is_its_owners_alone_and_holds_known_pieces_only(tmp_path):
    record(str(tmp_path / "r.db"), sample(0, stats(dup("kvm", 2)), HOST))
    done = kmodtop("collect", str(tmp_path / "r.db"), "-o", str(tmp_path / "b.zip"))
    assert done.returncode == 0
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        names = [f"kmodtop-bundle/{name}" for name in ("meta.json", "stats.jsonl")]
        assert archive.namelist() == names
        assert json.loads(archive.read(names[0])) == {
            "kernel": HOST.kernel, "cpus": HOST.cpus, "boot_id": HOST.boot_id,
        }  # fmt: skip


def test_this_machine_is_collected_as_far_as_it_goes(tmp_path):
    done = kmodtop("collect", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "kmodtop-bundle.zip") as archive:
        assert "kmodtop-bundle/meta.json" in archive.namelist()
        assert archive.namelist()[0] == "kmodtop-bundle/meta.json"


def test_what_is_read_is_not_written_over(tmp_path):
    record(str(tmp_path / "r.db"), sample(0, stats(), HOST))
    done = kmodtop("collect", str(tmp_path / "r.db"), "-o", str(tmp_path / "r.db"))
    assert done.returncode == 2 and b"is what was read" in done.stderr


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    done = kmodtop("collect", str(SAMPLES / "who/a_udev"), "-o", str(tmp_path / "no/b.zip"))
    assert done.returncode == 3 and done.stderr.count(b"\n") == 1
