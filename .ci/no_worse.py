"""Fail if a recorded move is met less well than docs/validation.md says; reads `flanksim validate --json`."""

import json
import re
import sys
from pathlib import Path

VERDICTS = ("inside", "overlaps", "miss")

page = Path("docs/validation.md").read_text(encoding="utf-8")
written = dict(re.findall(rf"^\| (\S+) \|.*\| ({'|'.join(VERDICTS)}) \|", page, re.MULTILINE))
found = {case["id"]: case["verdict"] for case in json.load(sys.stdin)["cases"]}
worse = [
    f"{key}: {written.get(key, 'not written')} -> {found.get(key, 'not run')}"
    for key in sorted(written.keys() | found.keys())
    if key not in written or key not in found or VERDICTS.index(found[key]) > VERDICTS.index(written[key])
]
print(f"{len(found)} recorded moves, {len(worse)} worse than docs/validation.md", *worse, sep="\n  ")
sys.exit(bool(worse))
