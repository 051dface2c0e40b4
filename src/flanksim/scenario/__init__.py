"""From text to Scenario: schema, reading, merging and checking."""

from flanksim.scenario.reading import load, loads, shipped
from flanksim.scenario.schema import Scenario

__all__ = ["Scenario", "load", "loads", "shipped"]
