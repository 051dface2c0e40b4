# A case that there is not.
flanksim validate r99
