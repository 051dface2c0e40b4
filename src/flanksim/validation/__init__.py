"""Recorded moves beside what flanksim simulates of them: cases, what is measured, and how near it comes."""
