"""Searches over arrays, compiled by numba; imported only when a search begins."""
