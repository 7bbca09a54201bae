"""Kernels that sum products."""
