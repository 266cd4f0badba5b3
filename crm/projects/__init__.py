"""七个一批: projects, their stages, gates and moves."""
