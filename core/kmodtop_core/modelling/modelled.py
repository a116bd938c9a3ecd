"""A scenario that was made of something real, and where its figures are from."""

from typing import NamedTuple

from ..simulation.scenarios import Scenario


class Modelled(NamedTuple):
    """`notes`: what each part is from, and what is assumed; they stand before the scenario when
    it is written."""

    scenario: Scenario
    notes: tuple[str, ...]
