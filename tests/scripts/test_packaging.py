"""What an index and the forms show is right; scripts/package builds and tries it."""

import re
import tomllib
from pathlib import Path

import pytest

from mini_infer.cli.parser import configured

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_link_of_the_readme_is_absolute_on_an_index():
    (hook,) = PROJECT["tool"]["hatch"]["metadata"]["hooks"].values()
    text = (ROOT / hook["fragments"][0]["path"]).read_text(encoding="utf-8")
    before = len(re.findall(r"\]\(", text))
    for each in hook["substitutions"]:
        text = re.sub(each["pattern"], each["replacement"], text)
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert len(links) == before
    source = PROJECT["project"]["urls"]["Source"]
    raw = source.replace("github.com", "raw.githubusercontent.com")
    for link in links:
        assert link.startswith((f"{source}/blob/main/", f"{raw}/main/docs/pictures/")), link
        assert (ROOT / link.partition("/main/")[2].partition("#")[0]).exists(), link


def test_the_archive_has_what_its_tests_read():
    archive = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert {".ci", ".github", ".gitattributes", "mkdocs.yml", "CITATION.cff", "tests", "docs", "scripts"} <= set(
        archive
    )


@pytest.mark.parametrize("form", ["wrong", "model"])
def test_forms_ask_for_a_report_that_there_is(form):
    text = (ROOT / ".github" / "ISSUE_TEMPLATE" / f"{form}.yml").read_text(encoding="utf-8")
    assert "mini-infer doctor net.onnx --report report.json" in text
    commands = dict(configured())
    for name, rest in re.findall(r"`mini-infer ([a-z]+)([^`]*)`", text):
        assert set(re.findall(r"--[a-z-]+", rest)) <= set(commands[name]._option_string_actions), name


def test_workflows_run_what_there_is():
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for script in re.findall(r"run: (?:python )?((?:scripts/|\.ci/)\w+)", path.read_text(encoding="utf-8")):
            assert (ROOT / script).exists(), script
