"""Lists that people live in: what one shows, filters and sorts by is declared once; pages, views and files derive from it."""
