"""进展填报: what is said of each project every week or month, and goes into the report as it was said."""
