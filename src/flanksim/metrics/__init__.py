"""Metrics of runs and studies: a file each, with its table, its figure and its sentence."""
