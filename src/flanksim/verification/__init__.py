"""The engine against answers that flanksim did not compute."""
