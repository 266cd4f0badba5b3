"""Durable work: what takes too long for a page is a job, done by the worker and found again after it was killed."""
