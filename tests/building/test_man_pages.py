"""What a build adds: man pages and completion scripts, made of the table of words."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from support.samples import ROOT

from kmodtop.cli import parser
from kmodtop.words import EXAMPLES, VERBS
from kmodtop.words.about import ABOUT

CODE = f"""
import sys
sys.path[:0] = [{str(ROOT / "packaging")!r}, {str(ROOT / "core")!r}, {str(ROOT / "tui")!r}]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    code = f"""{CODE}
from pathlib import Path
import completions, man_pages
found = dict(completions.files(completions.scripts())) | man_pages.pages("2026-11-28")
for name, text in found.items():
    path = Path({str(folder)!r}, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
    return folder


def test_there_is_a_page_for_the_program_and_for_each_verb(built):
    pages = {path.name for path in built.glob("*.1")}
    assert pages == {"kmodtop.1", *(f"kmodtop-{verb}.1" for verb in VERBS)}
    assert set(VERBS) == set(ABOUT) == set(EXAMPLES)


@pytest.mark.skipif(not shutil.which("groff"), reason="there is no groff")
def test_roff_takes_every_page_without_a_warning(built):
    for path in sorted(built.glob("*.1")):
        words = ["groff", "-man", "-Tutf8", "-ww", "-z", str(path)]
        done = subprocess.run(words, capture_output=True, check=True)
        assert not done.stderr, (path.name, done.stderr)


@pytest.mark.skipif(not shutil.which("lexgrog"), reason="there is no lexgrog")
def test_whatis_understands_every_name_line(built):
    for path in sorted(built.glob("*.1")):
        done = subprocess.run(["lexgrog", str(path)], capture_output=True, check=True)
        assert f'"{path.stem} - '.encode() in done.stdout


def test_pages_show_the_options_that_help_shows_and_no_others(built):
    for verb in VERBS:
        text = (built / f"kmodtop-{verb}.1").read_text().replace("\\-", "-")
        shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", parser(verb).format_help()))
        told = set(re.findall(r"^\\fB(?:-\w, )?(--[a-z-]+)", text, re.MULTILINE))
        assert told == {word for word in shown if word in parser(verb)._option_string_actions}


def test_nothing_of_a_page_can_be_taken_for_a_request_of_roff(built):
    for path in built.glob("*.1"):
        for line in path.read_text().splitlines():
            if line.startswith((".", "'")):
                assert re.match(r"\.(TH|SH|B|BR|PP|TP|nf|fi|RS|RE)\b", line), (path.name, line)


@pytest.mark.parametrize("verb", VERBS)
def test_every_example_can_be_parsed(verb):
    for command, _ in EXAMPLES[verb]:
        words = command.partition("kmodtop ")[2].partition(" | ")[0].partition(" > ")[0].split()
        words = words[1:] if words[:1] == [verb] else words
        parser(verb).parse_intermixed_args([w.replace("*", "x") for w in words])


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_completes_verbs_options_and_values(built, tmp_path):
    script = built / "bash-completion/completions/kmodtop"
    code = """
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
        _shtab_kmodtop; echo "${COMPREPLY[@]}"
    """
    for words, wanted in (
        (["kmodtop", "rep"], {"replay", "report"}),
        (["kmodtop", "report", "--for"], {"--format", "--for"}),
        (["kmodtop", "report", "--format", "m"], {"mail", "markdown"}),
        (["kmodtop", "report", "--th"], set()),
    ):
        done = subprocess.run(
            ["bash", "-c", code, "bash", str(script), *words],
            capture_output=True, check=True, cwd=tmp_path, env=os.environ, timeout=20,
        )  # fmt: skip
        assert set(done.stdout.decode().split()) == wanted, (words, done)


def test_bash_completes_files_where_there_is_nothing_else(built):
    script = (built / "bash-completion/completions/kmodtop").read_text()
    assert "complete -o default " in script.splitlines()[-1]


@pytest.mark.parametrize(
    ("shell", "name"), [("zsh", "zsh/site-functions/_kmodtop"),
                        ("fish", "fish/vendor_completions.d/kmodtop.fish")],
)  # fmt: skip
def test_other_shells_take_their_scripts(built, shell, name):
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    done = subprocess.run([shell, "-n", str(built / name)], capture_output=True, check=False)
    assert done.returncode == 0 and not done.stderr
