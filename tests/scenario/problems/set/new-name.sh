# A name that no scenario can have.
flanksim new 'my question.yaml'
