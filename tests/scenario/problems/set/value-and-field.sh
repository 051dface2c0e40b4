# A value, and a field within it.
flanksim run corridor-mini --set question=3 --set question.deadline_days=20
