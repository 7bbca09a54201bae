"""Which values share bytes, and for how long."""
