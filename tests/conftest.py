"""What tests share: the samples, and builders of what a source yields."""

from pathlib import Path

import pytest
from support.samples import SAMPLES


@pytest.fixture
def seed_text() -> bytes:
    """The 255-vCPU table of the kernel commit, as posted."""
    return (SAMPLES / "published/seed-255vcpu-stats-only.txt").read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Where a recording may lie."""
    return str(tmp_path / "boot.db")
