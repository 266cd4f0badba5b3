"""Figures that records prove: each metric one query over dated evidence, as of any day, open down to its rows."""
