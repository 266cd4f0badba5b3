"""Documents that leave the system: PDF, charts as vector, workbooks, CSV. No Flask in here."""
