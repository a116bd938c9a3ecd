"""The canary: every private name of Textual that the app stands on, so that a move is noticed."""

import ast
import asyncio
import inspect

import pytest
from support.samples import ROOT
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.command import CommandPalette
from textual.driver import Driver
from textual.widget import Widget

from kmodtop.app.app import Kmodtop

PRIVATE = {
    "_driver": (App, None),
    "_exception": (App, None),
    "_handle_exception": (App, ["self", "error"]),
    "_notifications": (App, None),
    "_layout_required": (Widget, None),
    "_styles_cache": (Widget, None),
    "_fatal_error": (App, ["self"]),
    "_close_messages_no_wait": (App, ["self"]),
    "_check_bindings": (App, ["self", "key", "priority"]),
    "_display": (App, ["self", "screen", "renderable"]),
    "_action_command_list": (CommandPalette, ["self", "action"]),
    "_batch_count": (App, None),
    "_sync_available": (App, None),
    "_running": (App, None),
    "_closed": (App, None),
    "_app": (Driver, None),
    "_loop": (Driver, None),
}
"""Who has it, and its parameters if it is called or overridden."""


def named_in(owner, name):
    return hasattr(owner, name) or f"self.{name}" in "".join(
        inspect.getsource(cls) for cls in owner.__mro__ if cls.__module__.startswith("textual")
    )


@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_name_is_where_it_was(name):
    owner, parameters = PRIVATE[name]
    assert named_in(owner, name), f"{owner.__name__} has no {name} any more"
    if parameters is not None:
        assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_what_the_compositor_makes_has_its_fields():
    assert list(inspect.signature(LayoutUpdate).parameters) == ["strips", "region"]
    assert list(inspect.signature(ChopsUpdate).parameters) == ["chops", "spans", "chop_ends"]


def test_a_child_makes_textual_arrange_its_screen_anew():
    assert "_clear_arrangement_cache" in inspect.getsource(Widget._check_refresh)


def test_the_parser_takes_text_and_time():
    parser = XTermParser()
    assert [event.key for event in parser.feed("a")] == ["a"]
    assert list(parser.tick()) == []


def test_the_list_is_whole():
    trees = [ast.parse(path.read_text()) for path in ROOT.glob("tui/kmodtop/app/*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    own |= {node.id for node in nodes if isinstance(node, ast.Name)}
    used = set()
    for node in nodes:
        if not isinstance(node, ast.Attribute) or not node.attr.startswith("_"):
            continue
        if isinstance(node.ctx, ast.Store):
            own.add(node.attr)
        else:
            used.add(node.attr)
    foreign = {name for name in used - own - {"_replace"} if not name.startswith("__")}
    overridden = {name for name in own if name.startswith("_") and name in PRIVATE}
    assert foreign | overridden == set(PRIVATE)


def test_only_app_has_private_names_of_textual():
    for path in ROOT.glob("tui/kmodtop/**/*.py"):
        if path.parent.name != "app":
            assert "textual._" not in path.read_text()


async def test_tasks_begin_when_the_loop_comes_to_them_in_every_python():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(lambda loop, coroutine, **given: asyncio.Task(coroutine, loop=loop))
    Kmodtop.on_load(None)
    assert loop.get_task_factory() is None
