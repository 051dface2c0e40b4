# A part that there is not.
flanksim run corridor-mini --set mechanism.borders=false
