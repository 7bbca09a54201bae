"""Several nodes as one."""
