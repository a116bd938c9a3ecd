"""How long the image in a module's file is."""

import gzip
import json
import lzma
import os
import sys

import pytest

from kmodtop_core.machine import module_files
from kmodtop_core.machine.facts import Machine
from kmodtop_core.machine.module_files import image_length, sizes_of

IMAGE = b"\x7fELF" + bytes(60_000)
SIGNED = IMAGE + b"s" * 400 + bytes(8) + (400).to_bytes(4, "big") + b"~Module signature appended~\n"


@pytest.mark.parametrize("data", [IMAGE, SIGNED], ids=["plain", "signed"])
@pytest.mark.parametrize("pack", [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress)])
def test_unpacked_and_without_its_signature(data, pack, tmp_path):
    suffix, packed = pack
    path = tmp_path / f"m.ko{suffix}"
    path.write_bytes(packed(data))
    assert image_length(str(path)) == len(IMAGE)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the library unpacks it there")
def test_zstd_tells_by_its_head(tmp_path):
    path = tmp_path / "m.ko.zst"
    size = len(IMAGE)
    path.write_bytes(
        b"\x28\xb5\x2f\xfd" + bytes([0b1010_0000]) + size.to_bytes(4, "little") + bytes(20)
    )
    assert image_length(str(path)) in (size, None)


def test_what_cannot_be_unpacked_is_left_out(tmp_path):
    folder = tmp_path / "lib/modules/6.9"
    folder.mkdir(parents=True)
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("6.9\n")
    (folder / "modules.dep").write_text("a/good-one.ko:\na/bad.ko.xz:\na/gone.ko:\n")
    (folder / "a").mkdir()
    (folder / "a/good-one.ko").write_bytes(SIGNED)
    (folder / "a/bad.ko.xz").write_bytes(b"none")
    found = sizes_of(["good_one", "bad", "gone", "other"], Machine(str(tmp_path)))
    assert json.loads(json.dumps(found)) == {
        "good_one": {"path": "a/good-one.ko", "size": len(IMAGE)}
    }


def test_whatever_lies_there_nobody_is_waited_for_and_memory_is_bounded(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.ko")
    (tmp_path / "endless.ko").symlink_to("/dev/zero")
    for name in ("pipe.ko", "endless.ko"):
        with pytest.raises(ValueError, match="no module's file"):
            image_length(str(tmp_path / name))
    monkeypatch.setattr(module_files, "_MOST_BYTES", 1 << 20)
    for suffix, pack in ((".gz", gzip.compress), (".xz", lzma.compress)):
        (tmp_path / f"bomb.ko{suffix}").write_bytes(pack(bytes(5 << 20)))
        with pytest.raises(ValueError, match="too large"):
            image_length(str(tmp_path / f"bomb.ko{suffix}"))
    os.mkfifo(tmp_path / "kind")
    assert not Machine(str(tmp_path)).read("kind")
