"""Reductions, normalizations, pools, losses."""
