"""Readiness: who could climb, graduate or lose a rung, criterion by criterion; a person decides."""
