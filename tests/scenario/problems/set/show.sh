# Something of which the scenario has no row.
flanksim show corridor-mini Gdnask
