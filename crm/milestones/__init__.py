"""What a project has promised by a day (节点) and what stands in its way (难点)."""
