"""What a device's MODALIAS loads: modules.alias, modules.dep and modules.softdep (depmod(8)).

udev asks for the modules of each device's alias, and for what they depend on, once for
each device that is added (udev(7), kmod_module_probe_insert_module() of libkmod).
"""

import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from typing import NamedTuple

_MOST_DEEP = 100
"""Steps of soft dependencies that are followed."""


def module_name(path: str) -> str:
    """The kernel's name of the module in that file: no folder, no suffixes, no dashes."""
    return os.path.basename(path).partition(".ko")[0].replace("-", "_")


class _Pattern(NamedTuple):
    """A line's pattern: what stands between its asterisks, or a regular expression."""

    text: str
    parts: tuple[str, ...]
    longest: str

    def matches(self, alias: str) -> bool:
        """As fnmatch(3) has it."""
        if self.longest not in alias:
            return False
        if len(self.parts) < 2:
            return re.match(translate(self.text), alias) is not None
        place = len(self.parts[0])
        if not alias.startswith(self.parts[0]):
            return False
        for part in self.parts[1:-1]:
            place = alias.find(part, place)
            if place < 0:
                return False
            place += len(part)
        last = self.parts[-1]
        return alias.endswith(last) and len(alias) - len(last) >= place


def _pattern(text: str) -> _Pattern:
    plain = text.replace("-", "_")
    if set("?[\\") & set(plain) or "*" not in plain:
        return _Pattern(plain, (), _fixed(plain))
    parts = tuple(plain.split("*"))
    return _Pattern(plain, parts, max(parts, key=len))


def _fixed(pattern: str) -> str:
    """What every alias of the pattern begins with."""
    return re.split(r"[*?\[\\]", pattern, maxsplit=1)[0].replace("-", "_")


def _before(words: Iterable[str]) -> Iterator[str]:
    """Of a line of modules.softdep, what stands after "pre:"."""
    is_before = False
    for word in words:
        if word.endswith(":"):
            is_before = word == "pre:"
        elif is_before:
            yield word


class AliasTable:
    """Aliases and dependencies, as the three files hold them; lines that are none are left out."""

    def __init__(self, aliases: str = "", dependencies: str = "", soft: str = "") -> None:
        self._patterns: dict[str, list[tuple[_Pattern, str, int]]] = {}
        self._needs: dict[str, set[str]] = {}
        self._loads: dict[str, tuple[str, ...]] = {}
        self._before: dict[str, tuple[str, ...]] = {}
        self._lines: dict[str, list[str]] = {}
        self._aliased: set[str] = set()
        self.is_empty = not aliases.strip()
        for number, line in enumerate(aliases.splitlines()):
            words = line.split()
            if len(words) == 3 and words[0] == "alias":
                entry = (_pattern(words[1]), module_name(words[2]), number)
                self._patterns.setdefault(_fixed(words[1]), []).append(entry)
                self._aliased.add(entry[1])
        for line in dependencies.splitlines():
            module, colon, others = line.partition(":")
            if colon:
                needed = [module_name(other) for other in others.split()]
                self._needs[module_name(module)] = set(needed)
                self._loads[module_name(module)] = tuple(reversed(needed))
                self._lines[module_name(module)] = [line]
        self._add_soft(soft)
        self.size = sum(map(len, self._patterns.values()))
        self._lengths = sorted({len(fixed) for fixed in self._patterns})

    def _add_soft(self, text: str) -> None:
        for line in text.splitlines():
            words = line.split()
            if len(words) > 2 and words[0] == "softdep":
                name = module_name(words[1])
                names = {module_name(w) for w in words[2:] if not w.endswith(":")}
                self._needs.setdefault(name, set()).update(names)
                self._before[name] = tuple(module_name(w) for w in _before(words[2:]))

    def matching(self, alias: str) -> Iterator[tuple[str, str]]:
        """(pattern, module) of each line that the alias matches, as fnmatch(3) has it."""
        for pattern, module, _ in self._matching(alias):
            yield pattern.text, module

    def asked_for(self, alias: str) -> tuple[str, ...]:
        """The modules that a device's alias leads to, in the order in which libkmod asks for them:
        that of the lines."""
        found = sorted((line, module) for _, module, line in self._matching(alias))
        return tuple(dict.fromkeys(module for _, module in found))

    def loaded_before(self, module: str) -> tuple[str, ...]:
        """What a module needs, in the order in which libkmod loads it: what modules.dep says, the
        last one first."""
        return self._loads.get(module, ())

    def soft_before(self, module: str) -> tuple[str, ...]:
        """Soft dependencies that are to be loaded before it, if they can be."""
        return self._before.get(module, ())

    def knows(self, module: str) -> bool:
        """Whether modules.dep lists a file of it."""
        return module in self._lines

    def _matching(self, alias: str) -> Iterator[tuple[_Pattern, str, int]]:
        alias = alias.replace("-", "_")
        for length in self._lengths:
            for entry in self._patterns.get(alias[:length], ()):
                if entry[0].matches(alias):
                    yield entry

    def loaded_by(self, alias: str) -> frozenset[str]:
        """The modules that a request for the alias loads, with all that they need."""
        return self.with_needs(module for _, module in self.matching(alias))

    def has_alias(self, module: str) -> bool:
        """Whether an alias leads to the module itself."""
        return module in self._aliased

    def with_needs(self, modules: Iterable[str]) -> frozenset[str]:
        """The modules and all that they need."""
        found: set[str] = set()
        todo = set(modules)
        for _ in range(_MOST_DEEP):
            found |= todo
            todo = {need for module in todo for need in self._needs.get(module, ())} - found
            if not todo:
                break
        return frozenset(found)

    def relevant(self, aliases: Iterable[str], modules: Iterable[str]) -> tuple[str, str]:
        """(modules.alias, modules.dep) with what concerns those aliases and modules alone."""
        lines, wanted = {}, set(modules)
        for alias in aliases:
            for pattern, module in self.matching(alias):
                lines[f"alias {pattern} {module}"] = True
                wanted.add(module)
        needed = self.with_needs(wanted)
        depends = [line for name in sorted(needed) for line in self._lines.get(name, ())]
        return "\n".join(lines) + "\n", "\n".join(depends) + "\n"
