"""The page on automation, and the recipe for kernel CI, hold what they promise."""

import re
import shutil
import subprocess

import pytest
from support.samples import ROOT

from kmodtop_core.metrics.families import COUNTER, FAMILIES, INFO
from kmodtop_core.reports.check import NAMES
from kmodtop_core.reports.check_formats import FORMATS

PAGE = (ROOT / "docs/automation.md").read_text()
SCRIPTS = sorted((ROOT / "samples/kernel-ci").glob("*.sh"))


def test_the_table_of_metrics_is_that_of_the_program():
    told = {
        name: labels.split(",") if labels else []
        for row in re.findall(r"^\| (`kmod.*?) \|", PAGE, re.MULTILINE)
        for name, labels in re.findall(r"`(\w+)(?:\{([\w,]+)\})?`", row)
    }
    suffix = {COUNTER: "_total", INFO: "_info"}
    assert told == {
        family.name + suffix.get(family.kind, ""): list(family.labels) for family in FAMILIES
    }


def test_every_limit_and_every_format_is_in_the_page():
    assert all(f"`--{name}`" in PAGE and f"`{name}`" in PAGE for name in NAMES)
    assert all(f"| `{form}` |" in PAGE for form in FORMATS)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_scripts_of_the_recipe_are_for_any_shell(path):
    subprocess.run(["sh", "-n", str(path)], check=True)
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", str(path)], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode()
