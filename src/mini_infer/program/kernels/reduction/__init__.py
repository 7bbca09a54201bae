"""Kernels that make one element of many."""
