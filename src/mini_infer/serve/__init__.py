"""An HTTP server of many models in memory that is known before: Open Inference Protocol v2, one arena a worker.

The packages `starlette`, `uvicorn` and `prometheus-client` are imported when they are first used.
"""

from mini_infer.serve.server import serve
from mini_infer.serve.settings import Settings

__all__ = ["Settings", "serve"]
