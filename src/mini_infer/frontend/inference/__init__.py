"""The types of every value, from onnx's inference and what it lacks."""
