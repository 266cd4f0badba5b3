"""Reads a plan of work (工作要点) as people wrote it: chapters, tasks, every promise with a number, every dated milestone.

Rules and word lists of our own, no network. `layout` cuts the text up, `numerals` finds numbers, `lexicon` holds the words,
`targets` and `milestones` decide, `reader` puts it together. All of them speak of places in the text by offset.
"""
