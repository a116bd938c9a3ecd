"""What keeps modules out, and who unpacks them."""

import pytest

from kmodtop_core.machine.facts import Machine
from kmodtop_core.machine.modprobe import barred, leaves_unpacking


def test_lines_of_modprobe_d_and_words_of_the_kernels_command_line(tmp_path):
    for name, text in {
        "etc/modprobe.d/a.conf": "# blacklist no\nblacklist pc-spkr\ninstall evil /bin/false\n",
        "usr/lib/modprobe.d/b.conf": "install kept /sbin/modprobe kept\noptions x y=1\n\nblacklist",
        "etc/modprobe.d/c.txt": "blacklist no_conf\n",
        "proc/cmdline": "ro module_blacklist=one,two-b modprobe.blacklist=three quiet",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = list(barred(Machine(str(tmp_path))))
    assert [name for name in found if name] == ["pc_spkr", "evil", "three", "one", "two_b"]


def test_of_files_with_one_name_the_first_folder_counts(tmp_path):
    for folder, text in (("etc", ""), ("usr/lib", "blacklist masked\n")):
        path = tmp_path / folder / "modprobe.d/x.conf"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert list(barred(Machine(str(tmp_path)))) == []


@pytest.mark.parametrize(
    ("version", "leaves"),
    [("kmod version 30", False), ("kmod version 34.2", True), (None, True), ("busybox", True)],
)
def test_kmod_leaves_the_unpacking_to_the_kernel_from_31_on(version, leaves):
    assert leaves_unpacking(version) is leaves
