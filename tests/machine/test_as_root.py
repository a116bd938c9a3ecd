"""How somebody starts this very program as root."""

import pytest

from kmodtop_core.machine import as_root


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("/usr/bin/kmodtop", "sudo kmodtop"),
        ("/usr/local/bin/kmodtop", "sudo kmodtop"),
        ("/home/u/.local/bin/kmodtop", "sudo /home/u/.local/bin/kmodtop"),
        ("/home/a user/.venv/bin/kmodtop", "sudo '/home/a user/.venv/bin/kmodtop'"),
        ("/root/kmodtop.pyz", "sudo /usr/bin/python3 /root/kmodtop.pyz"),
        ("/x/kmodtop/__main__.py", "sudo /usr/bin/python3 -m kmodtop"),
        ("/usr/bin/pytest", "sudo kmodtop"),
        ("", "sudo kmodtop"),
    ],
)
def test_the_whole_path_is_named_where_sudo_would_not_find_it(name, command, monkeypatch):
    monkeypatch.chdir("/")
    monkeypatch.setattr(as_root.sys, "argv", [name])
    monkeypatch.setattr(as_root.sys, "executable", "/usr/bin/python3")
    assert as_root.as_root() == command


def test_a_path_that_is_relative_is_made_whole(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(as_root.sys, "argv", [".venv/bin/kmodtop"])
    assert as_root.as_root(("report", "a b")) == f"sudo {tmp_path}/.venv/bin/kmodtop report 'a b'"
