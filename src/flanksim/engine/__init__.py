"""The discrete-event engine: a Plan and a seed in, movements out."""
