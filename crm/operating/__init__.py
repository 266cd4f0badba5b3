"""经营数据: what firms report of themselves, who owes a report, who has verified it."""
