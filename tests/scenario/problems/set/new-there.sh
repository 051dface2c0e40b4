# A file that is there already.
flanksim new field.sh
