"""Bundles: folders and files of evidence, also from strangers."""

import json
import os
import shutil
import zipfile

import pytest
from support.command import kmodtop
from support.samples import SAMPLES, dup, stats

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.kinds import Kind, kind_of
from kmodtop_core.opening.playing import open_played
from kmodtop_core.sources.bundle import INSIDE, items_of, pack, read_pieces
from kmodtop_core.stats.parse import render

CASE = SAMPLES / "who/a_udev"


def test_a_folder_with_a_piece_is_a_bundle_and_others_are_none(tmp_path):
    assert kind_of(str(CASE), Machine()) is Kind.BUNDLE
    assert kind_of(str(tmp_path), Machine()) is Kind.FILE


def test_what_a_kernel_shares_lies_beside(tmp_path):
    assert "modules.alias" in read_pieces(str(CASE))
    shutil.copytree(CASE, tmp_path / "who/a_udev")
    assert "modules.alias" not in read_pieces(str(tmp_path / "who/a_udev"))
    (tmp_path / "modinfo").mkdir()
    shutil.copy(SAMPLES / "who/modules.alias", tmp_path / "modinfo")
    assert "modules.alias" in read_pieces(str(tmp_path / "who/a_udev"))


def test_one_file_holds_the_same(tmp_path):
    path = str(tmp_path / "b.zip")
    pieces = read_pieces(str(CASE))
    with open(path, "wb") as file:
        file.write(pack(pieces))
    assert kind_of(path, Machine()) is Kind.BUNDLE
    assert read_pieces(path) == pieces


def test_a_zip_that_is_no_bundle_is_a_container_as_before(tmp_path):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stats", render(stats(dup("kvm", 3))))
    assert kind_of(str(path), Machine()) is Kind.FILE
    assert b"kvm" in kmodtop("report", str(path)).stdout


def test_a_single_text_has_the_machine_of_its_meta(tmp_path):
    (tmp_path / "stats.txt").write_bytes(render(stats(dup("kvm", 3))))
    (tmp_path / "meta.json").write_text(json.dumps({"kernel": "6.9", "cpus": 4, "boot_id": "b"}))
    (item,) = items_of(read_pieces(str(tmp_path)), str(tmp_path))
    assert (item.host.kernel, item.host.cpus, item.host.boot_id) == ("6.9", 4, "b")
    recording = open_played(str(tmp_path), "0")
    assert recording.boots()[0].cpus == 4
    assert set(recording.evidence(recording.boots()[0])) == {"meta.json"}


@pytest.mark.parametrize("verb", ["report", "watch", "replay", "export"])
def test_it_is_taken_as_a_recording_is(verb):
    done = kmodtop(verb, str(CASE))
    assert done.returncode == 0 and b"kvm" in done.stdout


def test_two_are_compared():
    done = kmodtop("diff", str(CASE), str(SAMPLES / "who/b_loop"), "--across-boots")
    assert done.returncode == 0 and b"kvm" in done.stdout


def test_a_log_alone_is_reported(tmp_path):
    shutil.copy(SAMPLES / "who/d_autoload/kmsg.txt", tmp_path / "kmsg.txt")
    done = kmodtop("report", str(tmp_path))
    assert done.returncode == 0 and b"a kernel log alone" in done.stdout
    assert kmodtop("export", str(tmp_path)).returncode == 4


def test_nothing_to_be_read_is_a_sentence(tmp_path):
    (tmp_path / "before.txt").write_text("x")
    done = kmodtop("report", str(tmp_path))
    assert done.returncode == 4 and done.stderr.count(b"\n") == 1
    assert b"holds nothing that kmodtop" in done.stderr


def test_links_and_pipes_in_a_folder_are_no_trap(tmp_path):
    (tmp_path / "stats.txt").write_bytes(render(stats(dup("kvm", 3))))
    os.mkfifo(tmp_path / "kmsg.txt")
    (tmp_path / "modules.txt").symlink_to("/dev/zero")
    (tmp_path / "sizes.json").symlink_to(tmp_path / "sizes.json")
    pieces = read_pieces(str(tmp_path))
    assert "kmsg.txt" not in pieces and "modules.txt" not in pieces


def test_a_file_that_unpacks_without_end_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("kmodtop_core.sources.bundle._MOST_PIECE", 1 << 16)
    monkeypatch.setattr("kmodtop_core.sources.bundle._MOST_BYTES", 3 << 16)
    path = str(tmp_path / "b.zip")
    with open(path, "wb") as file:
        file.write(pack({name: bytes(1 << 20) for name in read_pieces(str(CASE))}))
    assert sum(map(len, read_pieces(path).values())) <= 3 << 16


@pytest.mark.parametrize("cut", [40, 200, 1000, -30])
def test_a_damaged_file_is_a_sentence(cut, tmp_path):
    path = str(tmp_path / "b.zip")
    with open(path, "wb") as file:
        file.write(pack(read_pieces(str(CASE)))[:cut])
    with pytest.raises(SourceError):
        read_pieces(path)


def test_a_flipped_bit_is_a_sentence(tmp_path):
    data = bytearray(pack(read_pieces(str(CASE))))
    data[600] ^= 0x40
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(SourceError, match="damaged bundle"):
        read_pieces(str(tmp_path / "b.zip"))


def test_only_known_names_are_taken_of_a_file(tmp_path):
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INSIDE + "meta.json", "{}")
        archive.writestr(INSIDE + "simulated.json", "{}")
        archive.writestr("../../etc/passwd", "x")
    assert set(read_pieces(str(path))) == {"meta.json"}


def test_a_bundle_without_meta_is_known_again(tmp_path):
    path = str(tmp_path / "b.zip")
    with open(path, "wb") as file:
        file.write(pack({"stats.txt": render(stats(dup("kvm", 3)))}))
    assert kind_of(path, Machine()) is Kind.BUNDLE


def test_the_moment_of_a_single_text_is_not_known(tmp_path):
    (tmp_path / "stats.txt").write_bytes(render(stats(dup("kvm", 3))))
    (tmp_path / "meta.json").write_text('{"kernel": "6.9"}')
    text = kmodtop("report", str(tmp_path)).stdout.decode()
    assert "after boot" not in text and "Nothing failed" not in text
    assert "before this text was made" in text or "NEARLY NONE" in text


def test_texts_that_are_none_end_with_4(tmp_path):
    (tmp_path / "stats.txt").write_bytes(b"\x00\xff garbage")
    done = kmodtop("report", str(tmp_path))
    assert done.returncode == 4 and b"Nothing failed" not in done.stdout


def test_a_recording_of_a_bundle_keeps_its_evidence(tmp_path):
    path = str(tmp_path / "r.db")
    done = kmodtop("record", str(CASE), "-o", path, "--duration", "0.2")
    assert done.returncode == 0
    recording = open_played(path, "0")
    assert "modaliases.json" in recording.evidence(recording.boots()[0])


def test_what_lies_in_the_bundle_is_not_written_over(tmp_path):
    shutil.copytree(CASE, tmp_path / "b")
    done = kmodtop("collect", str(tmp_path / "b"), "-o", str(tmp_path / "b/kmsg.txt"))
    assert done.returncode == 2 and b"is what was read" in done.stderr
