"""The rules of the house that no linter knows: see CONTRIBUTING.md."""

import ast
import re

import grimp
import pytest
from support.samples import ROOT

from kmodtop.view.theme import THEMES
from kmodtop.words import words_of

SOURCES = sorted((*ROOT.glob("core/**/*.py"), *ROOT.glob("tui/**/*.py")))
LONGEST = 300
"""Lines of a file."""


def named(path):
    return str(path.relative_to(ROOT))


def test_no_import_leads_back_to_where_it_came_from():
    graph = grimp.build_graph("kmodtop_core", "kmodtop", cache_dir=None)
    modules = {
        module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules
    }
    while free := {module for module, others in modules.items() if not others & modules.keys()}:
        modules = {module: others for module, others in modules.items() if module not in free}
    assert not modules


@pytest.mark.parametrize("path", [*SOURCES, *sorted(ROOT.glob("tests/**/*.py"))], ids=named)
def test_a_file_has_one_reason_to_be_long(path):
    assert path.read_text().count("\n") <= LONGEST


def test_functions_are_short():
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 25


def test_all_sql_is_in_recording():
    for path in SOURCES:
        if path.parent.name != "recording":
            assert not re.search(r"\bexecute(many)?\(|\.(rows|row|one)\(\s*\"", path.read_text())


def test_every_folder_says_what_lives_in_it():
    for path in SOURCES:
        if path.name == "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text())), named(path)


def test_no_module_keeps_what_changes():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            assert not isinstance(node, ast.Global), named(path)


def test_an_exit_status_is_never_a_literal():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _ENDS:
                numbers = [a.value for a in node.args if isinstance(a, ast.Constant)]
                assert not any(type(n) is int for n in numbers), f"{named(path)}:{node.lineno}"


_ENDS = ("SourceError", "complain")


def test_no_test_module_imports_another():
    for path in sorted(ROOT.glob("tests/**/test_*.py")):
        assert not re.search(r"^\s*(from|import) (\w+\.)*test_", path.read_text(), re.MULTILINE)


def test_every_theme_can_be_chosen():
    (themes,) = (given for names, given in words_of("watch") if names == ("--theme",))
    assert set(themes["choices"]) == set(THEMES)
