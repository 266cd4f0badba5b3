"""Generated data for trying the product; goes through the same services as real data."""
