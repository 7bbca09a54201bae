"""Large values that are made a block at a time."""
