"""From a path, bytes or a message to a checked message: its tensors and weights, its inputs fixed."""
