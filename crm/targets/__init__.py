"""The annual plan: its tasks, indicators and milestones, and how each stands as of a date."""
