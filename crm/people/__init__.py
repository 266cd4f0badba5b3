"""Users, roles, units, scope. No pages: those are in accounts."""
