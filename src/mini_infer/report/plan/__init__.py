"""A plan as text, JSON, pictures and a page, and what is asked of one: why the peak is so high, what changed."""
