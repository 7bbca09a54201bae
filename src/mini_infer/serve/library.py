"""The packages of the extra `serve`, where they are installed."""

from mini_infer.extras import needs


def check_installed() -> None:
    """Say what is missing.

    Raises
    ------
    MissingPackageError
        With the line for pip.
    """
    with needs("serving"):
        import prometheus_client  # noqa: F401 - only whether they are there
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
