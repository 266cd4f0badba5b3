"""责任与分解: who answers for a task, how a target is split over units, and the monthly round in which units report."""
