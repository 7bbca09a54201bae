"""The site has every page, and what it takes from the project is there; mkdocs itself runs in scripts/check."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from mini_infer.cli.parser import COMMANDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def hooks():
    spec = importlib.util.spec_from_file_location("site_hooks", ROOT / "scripts" / "site_hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_is_in_the_menu():
    menu = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.glob("**/*.md")}
    assert len(menu) == len(set(menu))
    assert {page for page in pages if not re.match(r"decisions/\d", page)} == set(menu)


def test_the_first_projects_pages_are_there_by_name():
    titles = re.findall(r"^ +- ([\w ]+): ", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    wanted = {"Overview", "Design", "Usage", "Quickstart", "Architecture", "Testing guide", "Summary of results"}
    assert wanted <= set(titles)


def test_the_command_line_is_the_parsers(hooks):
    text = hooks.command_line()
    for name in COMMANDS:
        assert f"\n## {name}\n" in f"\n{text}"
    assert "--alignment" in text  # a rare option
    assert "==SUPPRESS==" not in text


def test_every_schema_is_listed(hooks):
    text = hooks.schemas()
    for path in DOCS.glob("schemas/*.json"):
        assert f"[`{path.name}`](../schemas/{path.name}) | " in text
        assert json.loads(path.read_text(encoding="utf-8")).get("title"), path.name


def test_links_out_of_the_documents_lead_to_the_repository(hooks):
    folder = DOCS / "tutorials"
    assert hooks._target(folder, "../usage.md") == "../usage.md"
    assert hooks._target(folder, "../../README.md") == f"{hooks.SOURCE}/blob/main/README.md"
    assert hooks._target(DOCS, "schemas") == f"{hooks.SOURCE}/tree/main/docs/schemas"


@pytest.mark.parametrize("path", sorted(DOCS.glob("**/*.md")), ids=lambda path: path.relative_to(DOCS).as_posix())
def test_every_link_leads_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\((?!\w+:)([^)\s#]+)", text):
        assert (path.parent / link).exists(), link
