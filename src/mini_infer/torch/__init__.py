"""PyTorch: `torch.compile(model, backend="mini_infer")`, and modules and exported programs as engines.

::

    fast = torch.compile(model.eval(), backend="mini_infer", options={"threads": 2})
    with torch.no_grad():
        y = fast(x)

    engine = mini_infer.torch.compile(model.eval(), (x,))  # or of a torch.export.ExportedProgram
    engine.save("net.engine")

What cannot be run, or would mean something else, runs as it would without a backend, and the logger `mini_infer.torch`
says once why.
"""

from mini_infer.torch.dynamo import backend
from mini_infer.torch.export import compile, onnx_model  # noqa: A004 - mini_infer.torch.compile is what a user looks for

__all__ = ["backend", "compile", "onnx_model"]
