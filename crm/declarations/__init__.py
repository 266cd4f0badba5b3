"""组织申报: batches, who is in them, step by step to 认定; what is expected by the end of the year."""
