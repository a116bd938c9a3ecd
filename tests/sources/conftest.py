"""Followers that end with their test, and a pipe with a name."""

import os

import pytest
from support.following import Follower


@pytest.fixture
def follow():
    followers = []

    def start(source):
        followers.append(Follower(source))
        return followers[-1]

    yield start
    for follower in followers:
        follower.close()


# ---- what is no source ---------------------------------------------------


@pytest.fixture
def fifo(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"
