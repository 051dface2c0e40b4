# A field, and a value in its place.
flanksim run corridor-mini --set question.deadline_days=20 --set question=3
