"""Figures: one style, one file a figure."""
