# A field that there is not.
flanksim run corridor-mini --set question.deadline=20
