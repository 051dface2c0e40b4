"""Tables in, tables out: closure, intervals, critical path."""
