"""Libraries of the live view, for builds that carry them: those of pyz-requirements.txt.

    python packaging/libraries.py fetch WHEELS          downloads wheels into a folder
    python packaging/libraries.py unpack WHEELS FOLDER  unpacks what the live view needs of them
    python packaging/libraries.py tools WHEELS FOLDER   unpacks what the build needs

Only fetching uses the network; it fetches what the others unpack. Each wheel is held against the
hash of its requirement.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "pyz-requirements.txt"
TOOLS = Path(__file__).parent / "build-requirements.txt"

LEFT_OUT = (
    "textual/demo",
    "textual/document",
    "textual/tree-sitter",
    "rich/__main__",
    "rich/markdown",
    "rich/syntax",
    "rich/traceback",
)
"""Of libraries: what the live view never imports."""

WIDGETS = (
    "_button", "_directory_tree", "_input", "_label", "_loading_indicator", "_option_list",
    "_placeholder", "_select", "_static", "_toast", "_tooltip", "_tree", "option_list",
)  # fmt: skip
"""Of Textual's widgets: those that it imports by itself, and those of the live view."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, folders in (("fetch", ["wheels"]), ("unpack", _BOTH), ("tools", _BOTH)):
        one = verbs.add_parser(verb)
        for name in folders:
            one.add_argument(name, type=Path)
    args = parser.parse_args()
    if args.verb == "fetch":
        fetch(args.wheels, REQUIREMENTS, TOOLS)
    elif args.verb == "tools":
        _unpack(args.wheels, args.folder, TOOLS)
    else:
        unpack(args.wheels, args.folder)


_BOTH = ["wheels", "folder"]


def fetch(wheels: Path, *requirements: Path) -> None:
    """By pip, which checks the hashes."""
    words = ["download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    words += ["--dest", str(wheels), *(f"--requirement={path}" for path in requirements)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True)


def unpack(wheels: Path, folder: Path) -> None:
    """What the live view needs of them."""
    _unpack(wheels, folder, REQUIREMENTS)
    prune(folder)


def _unpack(wheels: Path, folder: Path, requirements: Path) -> None:
    """Ends the program where a wheel is not that one."""
    for name, wanted in pinned(requirements):
        found = sorted(wheels.glob(f"{name}-*.whl"))
        if len(found) != 1:
            sys.exit(f"{wheels}: has {len(found)} wheels of {name}, one is needed; fetch them anew")
        if hashlib.sha256(found[0].read_bytes()).hexdigest() != wanted:
            sys.exit(f"{found[0]}: is not the one of {requirements.name}; fetch it anew")
        with zipfile.ZipFile(found[0]) as archive:
            archive.extractall(folder)


def copy_installed(folder: Path) -> None:
    """Those that are installed here, instead."""
    for name, _ in pinned(REQUIREMENTS):
        found = distribution(name)
        for file in found.files or ():
            source = Path(str(found.locate_file(file)))
            if ".." not in file.parts and file.suffix != ".pyc" and source.is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder / file)
    prune(folder)


def pinned(requirements: Path) -> Iterator[tuple[str, str]]:
    """(name, SHA-256) of each."""
    for line in requirements.read_text().splitlines():
        name, is_pinned, rest = line.partition("==")
        if is_pinned:
            yield name.strip(), rest.partition("sha256:")[2].strip()


def prune(folder: Path) -> None:
    """Leaves what the live view imports, and what each library is and may be used for."""
    for path in sorted(folder.rglob("*"), reverse=True):
        place = path.relative_to(folder).as_posix()
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif _is_left_out(place) or path.suffix in (".pyc", ".pyi", ".so"):
            path.unlink()


def _is_left_out(place: str) -> bool:
    if ".dist-info/" in place:  # licenses go with what they are of
        return not place.endswith("METADATA") and "licen" not in place.lower()
    if place.startswith("bin/"):
        return True
    if place.startswith("textual/widgets/_") and place.endswith((".py", ".pyi")):
        return Path(place).stem not in (*WIDGETS, "__init__")
    return place.startswith(LEFT_OUT)


if __name__ == "__main__":
    main()
