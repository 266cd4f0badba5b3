"""Documents that leave the system: PDF, charts as vector, workbooks, CSV. Pure functions; no Flask in here."""
