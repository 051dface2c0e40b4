# A bound is computed again, and not opened.
flanksim explain of-a-bound
