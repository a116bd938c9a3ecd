"""The sources that --hosts names: a file of them, or a group of the settings."""

import os

from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.sources.bounded import read_path

from .. import values
from ..settings import groups


def hosts_of(name: str | None, config: str | None) -> list[str]:
    """One a line of the file, where # begins a remark; those of the group where there is no such
    file. Raises SourceError."""
    if name is None:
        return []
    if not os.path.isfile(name) and "/" not in name:
        known = groups(config)
        if name in known:
            return known[name]
        if not os.path.lexists(name):
            told = f"; there are {', '.join(known)}" if known else ""
            what = f"no such file, and no such group of the settings{told}"
            raise SourceError(Trouble("no-hosts", what, "check the name", name))
    lines = read_path(name, Machine()).decode("utf-8", "replace").splitlines()
    words = [line.partition("#")[0].strip() for line in lines]
    names = [values.source(word) for word in words if word]
    if not names:
        fix = "write one a line, as ssh://host or host"
        raise SourceError(Trouble("no-hosts", "names no host", fix, name))
    return names
