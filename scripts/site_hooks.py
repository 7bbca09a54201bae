"""What the documentation site takes from the project itself: links out of docs/, the parser's help, the schemas.

Read by `mkdocs build`, which names it in mkdocs.yml.
"""

import json
import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SOURCE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Source"]

_LINK = re.compile(r"\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page with links that lead anywhere, and with what is generated."""
    folder = (DOCS / page.file.src_uri).parent
    markdown = _LINK.sub(lambda found: f"]({_target(folder, found[1])}{found[2] or ''})", markdown)
    markdown = markdown.replace("<!-- command line -->", command_line() if "<!-- command line -->" in markdown else "")
    return markdown.replace("<!-- schemas -->", schemas() if "<!-- schemas -->" in markdown else "")


def _target(folder: Path, link: str) -> str:
    """A link as the site has it: what is not in docs/, and folders, are in the repository."""
    path = Path(os.path.normpath(folder / link))
    if path.is_relative_to(DOCS) and not path.is_dir():
        return link
    return f"{SOURCE}/{'tree' if path.is_dir() else 'blob'}/main/{path.relative_to(ROOT).as_posix()}"


def command_line() -> str:
    """The help of every command, all options included."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ["COLUMNS"] = "100"
    from mini_infer.cli.parser import COMMANDS, RARE, configured

    parts = []
    for name, parser in configured():
        for action in parser._actions:  # noqa: SLF001 - argparse has no other way to ask
            action.help = getattr(action, RARE, action.help)
        parts.append(f"## {name}\n\n{COMMANDS[name].capitalize()}.\n\n```text\n{parser.format_help().strip()}\n```")
    return "\n\n".join(parts)


def schemas() -> str:
    """A table of the schemas."""
    rows = ["| schema | what it is of |", "|---|---|"]
    for path in sorted((DOCS / "schemas").glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        about = schema.get("title") or ""
        rows.append(f"| [`{path.name}`](../schemas/{path.name}) | {about} |")
    return "\n".join(rows)
