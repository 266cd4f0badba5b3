"""Reads a plan of work (工作要点) as people wrote it: chapters, tasks, every promise with a number, every dated milestone.

Rules and word lists of our own, no network. `layout` cuts the text up, `tables` tells what a table's columns hold, `numerals`
finds numbers, `parts` gives each its words, `lexicon` holds the words of plans; `promises` and `tense` say which numbers
count, `targets` and `milestones` what they promise, `reader` puts it together. All speak of places in the text by offset.
"""
