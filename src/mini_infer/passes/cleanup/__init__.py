"""Nodes that need not run."""
