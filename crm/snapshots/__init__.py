"""Snapshots: a plan's figures as they were computed and reported as of a day, frozen; what differs since, row by row."""
