# A document without a place for the table.
from pathlib import Path

from flanksim.documents import write_blocks

write_blocks(Path("page/answer.md"), {"sweep of corridor-mini": lambda _: "| spending | closed |"})
