"""What was tried in a results folder already: closures of changed scenarios by seed, so that no run is made twice."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flanksim.errors import FlanksimError
from flanksim.saving import SystemRefused
from flanksim.study.store import read_json, write_json

#: The file in the results folder, and the version of what stands in it.
FILE, FORMAT = "explain-tried.json", 1


@dataclass
class Tried:
    """Closure hours of what was tried, kept in the folder whose runs it is compared with.

    Attributes
    ----------
    folder
        The results folder.
    known
        By `key`: plan, and closure hours by seed; a closure that never came is None.
    """

    folder: Path
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Tried:
        """What the folder holds; nothing where it holds none, or one that is damaged or of another version."""
        try:
            found = read_json(folder / FILE)
        except FlanksimError:
            found = {}
        entries = found.get("tried") if found.get("format") == FORMAT else None
        good = {key: entry for key, entry in entries.items() if _whole(entry)} if isinstance(entries, dict) else {}
        return cls(folder, good)

    def hours(self, key: str) -> dict[int, float]:
        """Closure hours by seed; nan where it never came."""
        found = self.known.get(key, {}).get("closure_hours", {})
        return {int(seed): math.nan if hour is None else float(hour) for seed, hour in found.items()}

    def plan(self, key: str) -> str:
        """Where the plan of the runs comes from."""
        return str(self.known[key]["plan"])

    def add(self, key: str, change: str, plan: str, hours: Mapping[int, float]) -> None:
        """Keep closures, beside those that are there; a folder that cannot be written to keeps them for now."""
        all_hours = self.hours(key) | dict(hours)
        self.known[key] = {
            "change": change,
            "plan": plan,
            "closure_hours": {str(s): None if math.isnan(hour) else hour for s, hour in all_hours.items()},
        }
        with suppress(SystemRefused):
            write_json(self.folder / FILE, {"format": FORMAT, "tried": self.known})


def key_of(*parts: object) -> str:
    """Name of what was tried, by all on which its closures depend."""
    return blake2b(json.dumps([str(part) for part in parts]).encode(), digest_size=12).hexdigest()


def _whole(entry: Any) -> bool:
    """Whether an entry is as `Tried.add` writes it."""
    if not (isinstance(entry, dict) and isinstance(entry.get("plan"), str)):
        return False
    hours = entry.get("closure_hours")
    if not isinstance(hours, dict):
        return False
    return all(seed.isdecimal() and (hour is None or isinstance(hour, int | float)) for seed, hour in hours.items())
