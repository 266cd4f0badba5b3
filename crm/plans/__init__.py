"""How an annual plan comes in: from its file, read from a document and looked through, or copied from the year before."""
