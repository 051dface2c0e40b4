"""Metrics of runs and studies: a file each, with its table, figure and sentence; a class has one by one line."""
