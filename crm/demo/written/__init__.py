"""What the generated park is written by, in parts."""
