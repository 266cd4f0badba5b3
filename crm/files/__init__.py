"""附件: evidence files attached to records of any room, kept by their content."""
