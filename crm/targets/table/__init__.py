"""指标完成情况表: the board of a plan as a table, on screen, on paper and as files."""
