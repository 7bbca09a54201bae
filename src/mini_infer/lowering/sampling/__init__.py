"""Values between elements."""
