# A file that is not there.
flanksim check theatre/question.yaml
