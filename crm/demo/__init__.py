"""A generated park: firms, projects, reports and accounts that never existed, for demonstration and measurement."""
