"""Two days side by side, down to the rows that made the difference."""
