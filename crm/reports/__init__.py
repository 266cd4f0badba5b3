"""What leaders pull: one dataset, several faces."""
