# A path where text of YAML belongs.
from pathlib import Path

import flanksim as fs

fs.loads(Path("mine.yaml"))
