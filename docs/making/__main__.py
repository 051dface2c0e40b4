"""Write every part of the docs that is made from the code anew."""

from docs.making.pages import documents

for path, text in documents().items():
    path.write_text(text, encoding="utf-8")
