"""Replications, studies, the results folder and the answer."""
