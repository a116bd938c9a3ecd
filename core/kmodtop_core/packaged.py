"""Files that come with kmodtop, wherever it is: installed, in one file, or a source tree.

A source tree has them among its samples, which the build copies into the packages.
"""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_BESIDE = {
    "scenario_files": "samples/scenarios",
    "systemd_files": "samples/systemd",
    "completion_files": "build/completion_files",
}
"""Folders of packages, and where a source tree has them."""


def read(package: str, folder: str, name: str) -> bytes | None:
    """What a file of that folder of a package holds; None where there is no such file."""
    for place in _places(package, folder):
        file = place.joinpath(name)
        if file.is_file():
            return file.read_bytes()
    return None


def names(package: str, folder: str) -> list[str]:
    """The files of that folder, sorted."""
    found = {file.name for place in _places(package, folder) for file in place.iterdir()}
    return sorted(found)


def _places(package: str, folder: str) -> Iterator[Traversable]:
    here = files(package)
    if (place := here.joinpath(folder)).is_dir():
        yield place
    if isinstance(here, Path) and (beside := here.parents[1] / _BESIDE[folder]).is_dir():
        yield beside
