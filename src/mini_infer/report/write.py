"""Reports as JSON files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mini_infer.files import write_atomically


def write_json(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report, whole or not at all.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    write_atomically(path, [json.dumps(report, indent=2, allow_nan=False).encode(), b"\n"])
