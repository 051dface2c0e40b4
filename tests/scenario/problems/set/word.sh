# A word that there is not.
flanksim run corridor-mini --set regime.traffic=war
