"""What the terminal prints, and what `--json` gives: each from the object that was found."""
