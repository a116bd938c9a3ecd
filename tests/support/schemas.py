"""What is printed as JSON, held against the schema that it names."""

import contextlib
import io
import json
from functools import cache

from jsonschema import Draft202012Validator, validators

from kmodtop.cli import main
from kmodtop_core import schemas


def _is_whole(checker, value):
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
_Validator = validators.extend(Draft202012Validator, type_checker=_TYPES)
"""To which 2.0 is no integer, as it is none to many readers of JSON."""


def printed(*words):
    """(exit status, the objects that a verb prints); in this process, as there are hundreds."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = main([str(word) for word in words])
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def breaches(told):
    """What an object has that its schema forbids, and keys of which it says nothing."""
    schema, validator = _of(told["schema"])
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(told)]
    return errors + [f"{key}: is not described" for key in _undescribed([schema], told, "$")]


@cache
def _of(identity):
    schema = schemas.read(identity.removeprefix("kmodtop.").removesuffix("/1"))
    schema = _written_out(schema, schema.get("$defs", {}))
    return schema, _Validator(schema)


def _written_out(schema, defined):
    """Each definition in the place of what refers to it: hundreds of objects are read by it."""
    if isinstance(schema, list):
        return [_written_out(entry, defined) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        schema = defined[schema["$ref"].removeprefix("#/$defs/")] | schema
    return {key: _written_out(schema[key], defined) for key in schema if key not in _NAMING}


_NAMING = ("$ref", "$defs")


def _undescribed(said, value, path):
    """Keys within a value of which no schema of those that are `said` of it knows anything."""
    parts = [part for schema in said for part in (schema, *schema.get("anyOf", ()))]
    if isinstance(value, list):
        items = [part["items"] for part in parts if "items" in part]
        for entry in value:
            yield from _undescribed(items, entry, f"{path}[]")
    if isinstance(value, dict):
        for key, entry in value.items():
            about = _about(parts, key)
            if not about:
                yield f"{path}.{key}"
            if isinstance(entry, dict | list):
                yield from _undescribed(about, entry, f"{path}.{key}")


def _about(parts, key):
    """What is said of a key: of that one, or else of any key of a map."""
    named = [part["properties"][key] for part in parts if key in part.get("properties", ())]
    free = [part.get("additionalProperties") for part in parts]
    return named or [schema for schema in free if isinstance(schema, dict)]


def descriptions(schema, defined=None):
    """(name, what is said of it) of each property anywhere in a schema, but not in conditions."""
    defined = schema.get("$defs", {}) if defined is None else defined
    for name, entry in schema.get("properties", {}).items():
        meant = defined.get(entry.get("$ref", "").removeprefix("#/$defs/"), {}) | entry
        yield name, meant.get("description", "")
        yield from descriptions(entry, defined)
    for entry in schema.get("$defs", {}).values():
        yield from descriptions(entry, defined)


def references(schema):
    """All that a schema refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for entry in schema:
            yield from references(entry)
