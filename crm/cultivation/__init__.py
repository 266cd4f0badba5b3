"""重点企业培育库: firms that are to reach a rung by a year, who looks after them, and how far they have come."""
