"""跟进: what was said and done about a firm, a project or a target, and what has to be done next."""
