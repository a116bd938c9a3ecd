"""The recipe of the Debian packages: it says what the rest of the tree says."""

import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest
from support.samples import ROOT, SAMPLES

from kmodtop import __version__
from kmodtop.process import libraries as own

sys.path.append(str(ROOT / "packaging"))
import completions
import libraries

DEBIAN = ROOT / "packaging/debian"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SCRIPTS = ("rules", "tests/verbs", "tests/live-view")


def said(name):
    return (DEBIAN / name).read_text()


def test_the_changelog_begins_with_this_version():
    first = re.match(r"kmodtop \((.+)\) \w+; urgency=\w+\n", said("changelog"))
    assert first and first[1] == __version__


def test_bounds_are_those_of_the_project():
    needs = dict(re.match(r"(\w+)(.*)", line).groups() for line in PROJECT["dependencies"])
    low, high = re.fullmatch(r">=(.+),<(.+)", needs["textual"]).groups()
    assert f"python3-textual (>= {low}), python3-textual (<< {high})" in said("rules")
    low, _ = re.fullmatch(r">=(.+),<(.+)", needs["watchfiles"]).groups()
    assert said("control").count(f"python3-watchfiles (>= {low})") == 2
    assert f"python3 (>= {PROJECT['requires-python'].removeprefix('>=')})" in said("control")


def test_what_is_named_is_there():
    assert said("kmodtop-core.install") == "usr\n"
    for name in said("kmodtop.install").split():
        assert (ROOT / "tui" / name.removeprefix("usr/lib/python3*/dist-packages/")).is_dir()
        assert name in said("rules")  # and is taken out of the core
    for name in (said("kmodtop-core.docs") + said("kmodtop-core.examples")).split():
        assert list(ROOT.glob(name)), name
    for test in re.findall(r"Test-Command: debian/(.+)", said("tests/control")):
        assert test in SCRIPTS


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_run_can_be_run(name):
    assert os.access(DEBIAN / name, os.X_OK)


@pytest.mark.parametrize(
    "path", [ROOT / "packaging/build_deb.sh", DEBIAN / "kmodtop-core.postrm",
             *(DEBIAN / name for name in SCRIPTS[1:])], ids=lambda path: path.name,
)  # fmt: skip
def test_a_shell_takes_the_scripts(path):
    done = subprocess.run(["sh", "-n", str(path)], capture_output=True, check=False)
    assert done.returncode == 0 and not done.stderr


def test_every_library_has_its_licence():
    for requirements in (libraries.REQUIREMENTS, libraries.TOOLS):
        for name, _ in libraries.pinned(requirements):
            assert f"\nFiles: debian/wheels/{name}-*.whl\n" in said("copyright")
    for name in re.findall(r"^License: (\S+)$", said("copyright"), re.MULTILINE):
        assert re.search(rf"^License: {re.escape(name)}\n ", said("copyright"), re.MULTILINE)


def test_purging_takes_what_the_unit_writes():
    unit = (SAMPLES / "systemd/kmodtop-record.service").read_text()
    assert re.search(r"record -o (\S+)", unit)[1] in said("kmodtop-core.postrm")


@pytest.mark.parametrize("name", ["kmodtop-core.lintian-overrides", "lintian-overrides-12"])
def test_every_override_has_its_reason(name):
    lines = said(name).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        assert line.startswith("#") or before.startswith("#")


# ---- the live view's libraries ----------------------------------------------


def test_a_folder_of_own_libraries_goes_before_others(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "__file__", str(tmp_path / "process/libraries.py"))
    monkeypatch.setattr(sys, "path", ["elsewhere"])
    own.use_own()
    assert sys.path == ["elsewhere"]
    (tmp_path / "libraries").mkdir()
    own.use_own()
    own.use_own()
    assert sys.path == [str(tmp_path / "libraries"), "elsewhere"]


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel that is required, and nothing else."""
    path = tmp_path / "wheels/tool-1-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tool/__init__.py", "")
        archive.writestr("tool/demo.pyi", "")
        archive.writestr("tool-1.dist-info/RECORD", "")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        f"tool==1 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
    )
    monkeypatch.setattr(libraries, "REQUIREMENTS", requirements)
    return path


def test_of_a_wheel_is_unpacked_what_is_needed(wheel, tmp_path):
    libraries.unpack(wheel.parent, tmp_path / "to")
    assert [path.name for path in (tmp_path / "to").rglob("*")] == ["tool", "__init__.py"]


def test_another_wheel_is_refused(wheel, tmp_path):
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("tool/more.py", "")
    with pytest.raises(SystemExit, match="is not the one of requirements"):
        libraries.unpack(wheel.parent, tmp_path / "to")
    wheel.unlink()
    with pytest.raises(SystemExit, match="has 0 wheels of tool"):
        libraries.unpack(wheel.parent, tmp_path / "to")
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    ("version", "shells"), [("1.5.5", set()), ("1.7.1", {"bash", "zsh"})]
)  # fmt: skip
def test_an_old_shtab_makes_what_it_can_and_says_so(version, shells, monkeypatch, capsys):
    assert importlib.metadata.version("shtab")
    monkeypatch.setattr(completions, "version", lambda name: version)
    assert set(completions.scripts()) == shells
    told = capsys.readouterr().err
    assert told.endswith(f"fish: shtab {version} is too old\n") and told.count("\n") == 1


# ---- the packages -----------------------------------------------------------

needs_debian = pytest.mark.skipif(
    not all(map(shutil.which, ("dpkg-buildpackage", "lintian", "dh_python3"))),
    reason="this is no Debian that builds packages",
)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The wheels of the recipe; skips where none can be fetched."""
    folder = tmp_path_factory.mktemp("wheels")
    words = [sys.executable, str(ROOT / "packaging/libraries.py"), "fetch", str(folder)]
    done = subprocess.run(words, capture_output=True, check=False, timeout=120)
    if done.returncode:
        pytest.skip("the wheels cannot be fetched")
    return folder


def packages(output, *words):
    """What is built into a folder: the text of each control file and list, by its package."""
    script = str(ROOT / "packaging/build_deb.sh")
    done = subprocess.run(
        [script, *words, str(output)], capture_output=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    ask = {"control": "--field", "files": "--contents"}
    return {
        path.name.partition("_")[0]: {
            what: subprocess.run(["dpkg-deb", word, str(path)], capture_output=True, check=True)
            .stdout.decode()
            for what, word in ask.items()
        }
        for path in output.glob("*.deb")
    }  # fmt: skip


def lintian(output):
    words = ["lintian", "-EvIi", "--pedantic", "--allow-root", *map(str, output.glob("*.changes"))]
    return subprocess.run(words, capture_output=True, check=False, timeout=200).stdout.decode()


@pytest.mark.slow
@needs_debian
def test_packages_with_libraries_are_clean_and_the_same_each_time(wheels, tmp_path):
    found = packages(tmp_path / "one", "--wheels", str(wheels))
    assert set(found) == {"kmodtop", "kmodtop-core"}
    assert "python3-textual" not in found["kmodtop"]["control"]
    assert "./usr/lib/kmodtop/textual/app.py" in found["kmodtop"]["files"]
    assert "kmodtop/libraries -> ../../../kmodtop" in found["kmodtop"]["files"]
    core = found["kmodtop-core"]["files"]
    assert "textual" not in core and "kmodtop/app" not in core
    for name in ("man1/kmodtop.1.gz", "completions/kmodtop", "vendor-completions/_kmodtop",
                 "vendor_completions.d/kmodtop.fish", "system/kmodtop-record.service"):  # fmt: skip
        assert name in core
    assert not lintian(tmp_path / "one")
    packages(tmp_path / "two", "--wheels", str(wheels))
    for path in (tmp_path / "one").glob("*.deb"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.slow
@needs_debian
def test_packages_without_libraries_need_no_network(tmp_path):
    found = packages(tmp_path, "--without-libraries")
    assert "python3-textual (>= 8.2)" in found["kmodtop"]["control"]
    assert "/usr/lib/kmodtop/" not in found["kmodtop"]["files"]
    assert not lintian(tmp_path)
