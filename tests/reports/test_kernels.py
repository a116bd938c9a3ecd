"""How to get a kernel with the statistics, by the distribution that a machine says it has."""

import pytest

from kmodtop_core.machine.facts import Machine
from kmodtop_core.reports.kernels import how_to_build


@pytest.mark.parametrize(
    ("release", "says"),
    [
        ("ID=debian\n", "bindeb-pkg"),
        ("ID=ubuntu\nID_LIKE=debian\n", "bindeb-pkg"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "kernel-local"),
        ("ID=arch\n", "makepkg"),
        ('ID="opensuse-tumbleweed"\n', "rpm-pkg"),
        ("ID=gentoo\n", "/etc/kernel/config.d"),
        ("ID=nixos\n", "boot.kernelPatches"),
        ("ID=alpine\n", "abuild"),
        ("ID=other\n", "make olddefconfig, make"),
        ("ID=$(reboot)\n", "make olddefconfig, make"),
        ("", "make olddefconfig, make"),
    ],
)
def test_each_distribution_has_its_way_and_others_the_kernels_own(release, says, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(release)
    told = how_to_build(Machine(str(tmp_path)))
    assert told.startswith("boot a kernel that has it: ") and says in told
    assert "MODULE_STATS" in told and "MODULE_DEBUG" in told and "\n" not in told
