"""Elements that change places, and those that are picked."""
