# A bracket that is not closed.
flanksim run corridor-mini --set 'title=[a'
