"""One target: its year by months, its parts by unit, where it may end, and what was done to it."""
