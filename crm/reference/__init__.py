"""Dictionaries and rule tables that other rooms look things up in."""
