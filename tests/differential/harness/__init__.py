"""Differential testing of kernels at real sizes: random instances at the thresholds of the code, and exact oracles."""
