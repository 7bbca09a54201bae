"""What numbers and vectors of them are in C."""
