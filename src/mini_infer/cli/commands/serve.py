"""Serve the models of a folder over HTTP, in memory that is known before they are loaded.

The folder holds NAME.engine or NAME.onnx; the latter are compiled once, in a process of their own, and kept in the
cache. The protocol is Open Inference Protocol v2 with tensors in JSON or binary, so clients of Triton and KServe work:
metadata, health, inference, loading and unloading, and metrics in Triton's names. Each worker is a process with one
arena, which all models share; weights are mapped from their files and shared by all. What does not fit into --memory
is refused with the numbers. SIGTERM ends the server when accepted requests are answered.

For example:

  mini-infer serve models/ --memory 512M
  mini-infer serve models/ --workers 4 --port 8080 --load resnet50 --load bert
  mini-infer serve models/ --host 0.0.0.0 --token-file token --tls-certificate cert.pem --tls-key key.pem
"""

import argparse
from pathlib import Path

from mini_infer import serve
from mini_infer.errors import UsageError
from mini_infer.files import read_text
from mini_infer.quantities import parse_bytes


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("models", type=Path, metavar="FOLDER", help="a folder of models: NAME.engine or NAME.onnx")
    parser.add_argument("--memory", type=parse_bytes, metavar="BYTES|512M", help="that all models and workers may take")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: %(default)s)")
    parser.add_argument(
        "--load", action="append", metavar="NAME", help="a model to load at the start; repeatable (default: all)"
    )
    parser.add_argument("--no-evict", action="store_true",
                        help="refuse what does not fit, rather than unload what was not used for longest")  # fmt: skip
    parser.add_argument("--batch", default="batch", metavar="DIM",
                        help="the dimension along which requests may be joined (default: %(default)s)")  # fmt: skip
    group = parser.add_argument_group("network")
    group.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s, this machine alone)")
    group.add_argument("--port", type=int, default=8000, help="(default: %(default)s)")
    group.add_argument("--token-file", type=Path, metavar="FILE", help="a token that clients must send, as Bearer")
    group.add_argument("--tls-certificate", default="", metavar="FILE", help="speak TLS with this certificate")
    group.add_argument("--tls-key", default="", metavar="FILE", help="and this key")
    group = parser.add_argument_group("limits")
    group.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS",
                       help="that a request may take, waiting included (default: %(default)s)")  # fmt: skip
    group.add_argument("--body-limit", type=parse_bytes, default=64 << 20, metavar="BYTES|64M",
                       help="of a request's body (default: 64M)")  # fmt: skip
    group.add_argument("--queue", type=int, default=64, metavar="N",
                       help="requests that may wait in a worker; one more gets 503 (default: %(default)s)")  # fmt: skip
    group.add_argument("--grace", type=int, default=30, metavar="SECONDS",
                       help="that accepted requests have after SIGTERM (default: %(default)s)")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    token = "" if args.token_file is None else read_text(args.token_file).strip()
    if args.token_file is not None and not token:
        raise UsageError(f"{args.token_file} holds no token")
    settings = serve.Settings(
        models=str(args.models),
        load=None if args.load is None else tuple(args.load),
        memory=args.memory,
        workers=args.workers,
        evict=not args.no_evict,
        batch=args.batch,
        host=args.host,
        port=args.port,
        token=token,
        certificate=args.tls_certificate,
        key=args.tls_key,
        timeout=args.timeout,
        body_limit=args.body_limit,
        queue=args.queue,
        grace=args.grace,
    )
    serve.serve(settings)
    return 0
