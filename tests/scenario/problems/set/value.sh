# A value of another kind.
flanksim run corridor-mini --set question.deadline_days=soon
