"""Builds kmodtop.pyz: one file that runs with nothing but Python 3.11 or later (PEP 441).

    python packaging/build_pyz.py                  kmodtop.pyz, with the live view
    python packaging/build_pyz.py --core           kmodtop-core.pyz, for an initramfs

The same commit, requirements and Python give the same bytes: entries are sorted, have the time of
SOURCE_DATE_EPOCH (of the last commit where that is not set), and libraries are those of
pyz-requirements.txt, by their hashes. Sources are for any Python; compiled files, for the one that
builds and those named by --python, make it start four times as fast. The core has them only of
Pythons that are named: it is to be small.
"""

import argparse
import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tokenize
import zipfile
from importlib.util import find_spec
from pathlib import Path

import dates
import libraries

ROOT = Path(__file__).parents[1]
DATA = {
    "kmodtop_core/scenario_files": "samples/scenarios",
    "kmodtop/systemd_files": "samples/systemd",
}
"""Folders of packages that the source tree has among its samples."""

MAIN = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("kmodtop: needs Python 3.11 or later, this is %d.%d" % sys.version_info[:2])
import zipimport

archive = sys.path[0]
sys.path[0] = archive + "/lib"
tag = sys.implementation.cache_tag
try:
    zipimport.zipimporter(archive).get_data(tag + "/kmodtop/__init__.pyc")
    sys.path.insert(0, archive + "/" + tag)
except OSError:
    pass  # of this Python there are no compiled files
from kmodtop.__main__ import main

sys.exit(main())
"""


def main() -> None:
    args = _arguments()
    output = Path(args.output or ("kmodtop-core.pyz" if args.core else "kmodtop.pyz"))
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        library = stage / "lib"
        _own(library, args.core)
        if not args.core:
            _libraries(library, args.installed)
        for python in [sys.executable, *args.python] if not args.core else args.python:
            _compile(python, stage, library)
        _slim(library)
        (stage / "__main__.py").write_text(MAIN)
        _pack(stage, output)
    data = output.read_bytes()
    print(f"{output}: {len(data) / 1e6:.2f} MB, sha256 {hashlib.sha256(data).hexdigest()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--core", action="store_true", help="without the live view and Textual")
    parser.add_argument("-o", dest="output", metavar="FILE", help="where to write it")
    parser.add_argument(
        "--python", action="append", default=[], help="compile for this Python, too"
    )
    parser.add_argument(
        "--installed",
        action="store_true",
        help="take the libraries that are installed here, not those of the requirements",
    )
    return parser.parse_args()


def _own(library: Path, is_core: bool) -> None:
    """The packages, with their data; the core without what imports Textual."""
    nothing = shutil.ignore_patterns("__pycache__", *(["app"] if is_core else []))
    for source in (ROOT / "core/kmodtop_core", ROOT / "tui/kmodtop"):
        shutil.copytree(source, library / source.name, ignore=nothing)
    for place, samples in DATA.items():
        shutil.copytree(ROOT / samples, library / place)
    _completions(library / "kmodtop/completion_files")


def _completions(folder: Path) -> None:
    if find_spec("shtab") is None:
        sys.exit("build_pyz: shtab, which makes the completion scripts, is missing; pip install it")
    sys.path[:0] = [str(ROOT / name) for name in ("packaging", "core", "tui")]
    import completions

    folder.mkdir()
    for shell, text in completions.scripts().items():
        (folder / shell).write_text(text)


def _libraries(library: Path, is_installed: bool) -> None:
    if is_installed:
        libraries.copy_installed(library)
        return
    with tempfile.TemporaryDirectory() as wheels:
        libraries.fetch(Path(wheels), libraries.REQUIREMENTS)
        libraries.unpack(Path(wheels), library)


def _slim(library: Path) -> None:
    """Texts for readers of the source are left out; every statement keeps its line."""
    for path in library.rglob("*.py"):
        source = path.read_bytes()
        slim = slim_source(source)
        compile(slim, str(path), "exec", dont_inherit=True)
        path.write_bytes(slim)


def slim_source(source: bytes) -> bytes:
    """Without comments, and without texts that are statements of their own (PEP 257)."""
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for text in getattr(node, "body", []) if not isinstance(node, ast.expr) else []:
            if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                _blank(lines, text, b"" if isinstance(node, ast.Module) else b"0")
    tokens = tokenize.tokenize(iter(lines).__next__)
    for token in [token for token in tokens if token.type == tokenize.COMMENT]:
        row, begin = token.start
        line = lines[row - 1].decode()
        if row > 2 or "coding" not in line:
            lines[row - 1] = line[:begin].rstrip().encode() + b"\n"
    return b"".join(lines)


def _blank(lines: list[bytes], text: ast.Expr, instead: bytes) -> None:
    first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
    begin, end = lines[first][: text.col_offset], lines[last][text.end_col_offset or 0 :]
    lines[first : last + 1] = [begin + instead + b"\n" * (last - first) + end] + [b""] * (
        last - first
    )


_COMPILER = """
import py_compile, shutil, sys
from pathlib import Path
stage, library = Path(sys.argv[1]), Path(sys.argv[2])
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for path in sorted(library.rglob("*")):
    place = path.relative_to(library)
    if not path.is_file() or ".dist-info" in str(place):
        continue
    to = stage / sys.implementation.cache_tag / place
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".py":
        py_compile.compile(str(path), str(to.with_suffix(".pyc")), str(place), True, 2,
                           invalidation_mode=mode)
    else:
        shutil.copyfile(path, to)
"""


def _compile(python: str, stage: Path, library: Path) -> None:
    """For zipimport a compiled file stands in the place of its source (zipimport.py)."""
    environ = os.environ | {"PYTHONHASHSEED": "0"}
    subprocess.run([python, "-c", _COMPILER, str(stage), str(library)], env=environ, check=True)


def _pack(stage: Path, output: Path) -> None:
    epoch = max(dates.epoch(ROOT) or 0, 315532800)  # a zip knows no time before 1980
    stamp = time.gmtime(epoch)[:6]
    with open(output, "wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(stage.rglob("*")):
                if path.is_file():
                    info = zipfile.ZipInfo(path.relative_to(stage).as_posix(), stamp)
                    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                    archive.writestr(info, path.read_bytes())
    output.chmod(0o755)


if __name__ == "__main__":
    main()
