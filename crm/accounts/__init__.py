"""Login, sessions, pages for users, units and the audit log."""
