"""Frugal: what a live view does without, so that it is a small guest."""

import sys
from typing import Any


def import_asyncio() -> None:
    """Without ssl, as where Python was built without it: asyncio takes that as it comes (asyncio's
    base_events.py), a live view opens no connection of its own, and libcrypto is 4 MiB."""
    modules: dict[str, Any] = sys.modules
    if "asyncio" in modules or "ssl" in modules:
        return
    modules["ssl"] = None
    try:
        import asyncio  # noqa: F401
    finally:
        del modules["ssl"]
