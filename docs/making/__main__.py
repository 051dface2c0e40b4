"""Write every part of the docs that is made from the code anew; with ``--measure`` first measure what they quote."""

import sys

from docs.making.measured import measure
from docs.making.pages import documents

if "--measure" in sys.argv[1:]:
    measure()
for path, text in documents().items():
    path.write_text(text, encoding="utf-8")
