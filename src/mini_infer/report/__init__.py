"""Reports: pure functions from plans, programs and results to text and JSON."""
