"""What a build adds to the sources: man pages and completion scripts, by the table of words."""

import sys
import time
from pathlib import Path
from typing import Any, cast

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Of wheels, also of editable ones."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Writes them below build/, and says where they are installed (Filesystem Hierarchy
        Standard, /usr/share)."""
        root = Path(self.root)
        sys.path[:0] = [str(root / name) for name in ("packaging", "core", "tui")]
        import completions
        import dates
        import man_pages

        build, shared = root / "build", self._shared(build_data)
        day = time.strftime("%Y-%m-%d", time.gmtime(dates.epoch(root)))
        for name, text in man_pages.pages(day).items():
            shared[_put(build / "man" / name, text)] = f"share/man/man1/{name}"
        scripts = completions.scripts()
        for place, text in completions.files(scripts):
            shared[_put(build / "share" / place, text)] = f"share/{place}"
        for shell, text in scripts.items():
            file = _put(build / "completion_files" / shell, text)
            build_data["force_include"][file] = f"kmodtop/completion_files/{shell}"

    def _shared(self, build_data: dict[str, Any]) -> dict[str, str]:
        """What goes below the prefix. Hatchling 1.12 (Debian 12) has it in its settings only."""
        found = build_data.get("shared_data")
        if found is None:
            found = self.build_config.target_config.setdefault("shared-data", {})
        return cast("dict[str, str]", found)


def _put(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)
