"""Attention and recurrences."""
