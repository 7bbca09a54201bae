"""mini-infer: static memory planner and ahead-of-time inference engine for ONNX models."""
