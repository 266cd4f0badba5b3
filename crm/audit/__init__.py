"""Who did what, when: the chained log."""
