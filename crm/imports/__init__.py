"""Spreadsheets in: what a file says is read, checked, mended, landed as a whole or not at all, and can be undone."""
