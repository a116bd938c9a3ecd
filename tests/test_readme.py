"""Every command of the README and of docs does what it says; every link leads somewhere."""

import re
import shlex

import pytest
from support.command import kmodtop
from support.farside import stand_in
from support.laid_out import Folder
from support.samples import ROOT
from support.terminal import Terminal

from kmodtop.cli import VERBS

README = (ROOT / "README.md").read_text()
DOCS = sorted(ROOT.glob("docs/*.md"))
PAGES = README, *(path.read_text() for path in DOCS)
LINKED = (*sorted(ROOT.glob("*.md")), *DOCS)
LONGEST_README = 100
"""Lines; who is in a hurry reads no more."""

BLOCKS = [
    [line.partition("#")[0].strip() for line in block.splitlines() if line.startswith("kmodtop ")]
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
]
NEEDS_ROOT = {"kmodtop", "kmodtop doctor"}


@pytest.mark.parametrize("commands", [b for b in BLOCKS if set(b) - NEEDS_ROOT], ids=lambda b: b[0])
def test_the_commands_of_a_block_run_one_after_the_other(commands, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hosts.txt").write_text("a\nroot@b:2222\n")
    both = ROOT / "samples/states/both.txt"
    far = f'exec sh -c "$(echo "$command" | sed "s#/sys/kernel/debug/modules/stats#{both}#")"'
    path = stand_in(tmp_path / "bin", far)
    machine = str(Folder(tmp_path / "machine").root)
    for command in commands:
        words = [
            str(ROOT / word) if word.startswith("samples/") else machine if word == "/" else word
            for word in shlex.split(command)[1:]
        ]
        done = kmodtop(*words, PATH=path)
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout or done.stderr or {"-o", "--textfile", "--write"} & set(words)


def test_doctor_and_the_live_file_are_told_apart_from_a_crash():
    done = kmodtop("doctor")
    assert done.returncode in (0, 3) and b"Traceback" not in done.stderr
    with Terminal() as terminal:
        terminal.until(r"/sys/kernel/debug/modules/stats")


def test_the_two_commands_that_set_everything_up():
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert lines[0].endswith(".venv/bin/kmodtop demo")
    assert lines[1].endswith(".venv/bin/pytest -q")


def test_the_readme_is_short():
    assert README.count("\n") <= LONGEST_README


@pytest.mark.parametrize("page", LINKED, ids=lambda path: path.name)
def test_every_picture_page_and_section_that_is_linked_is_there(page):
    for link, section in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", page.read_text()):
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not section or section in _sections(target), f"{link}#{section}"


def _sections(page):
    """Names of a page's headings, as a link spells them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


def test_every_page_is_linked_in_the_readme():
    for page in LINKED:
        name = str(page.relative_to(ROOT))
        assert name == "README.md" or f"]({name})" in README, name


def test_the_map_of_the_house_is_that_of_the_tree():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    told = set(re.findall(r"^  ([a-z_]+/|[a-z_]+\.py)", page, re.MULTILINE))
    there = {
        f"{path.name}/" if path.is_dir() else path.name
        for package in (ROOT / "core/kmodtop_core", ROOT / "tui/kmodtop")
        for path in package.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert told == there - {"__init__.py"}
    for package in (path.parent for path in ROOT.glob("*/kmodtop*/*/__init__.py")):
        about = (package / "__init__.py").read_text()
        verbs = VERBS if package.name == "commands" else ()
        rooms = {path.stem for path in package.glob("*.py")} - {"__init__", *verbs}
        assert all(re.search(rf"\b{room}\b", about) for room in rooms), (package, rooms)


def test_every_key_is_on_a_page():
    from kmodtop.view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS

    plain = ("up,k", "down,j", "pageup", "pagedown", "home,g", "end,G", "escape")
    for key in (*KEYS, *DEMO_KEYS, *TIME_KEYS, BOOTS_KEY):
        if key.keys not in plain and "shift" not in key.keys:
            assert any(f"`{key.shown}`" in page for page in PAGES), key


def test_the_commands_of_the_contributing_page_name_what_is_there():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    for name in re.findall(r"\.venv/bin/python (\S+)", page):
        assert (ROOT / name).exists(), name


def test_the_walks_go_through_files_that_are_there():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    walked = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", page)
    assert len(walked) > 25
    for name in walked:
        packages = ("core/kmodtop_core", "tui/kmodtop", ".")
        assert any((ROOT / package / name).exists() for package in packages), name
