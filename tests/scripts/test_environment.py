"""The two scripts that set everything up, without the network: what they would run is written down instead."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
OLD = (3, 6)
"""The oldest Python that is told it is too old instead of failing to read the scripts."""


@pytest.fixture
def environment(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.delitem(sys.modules, "environment", raising=False)
    import environment

    monkeypatch.setenv(environment.PLACE, str(tmp_path / "venv"))
    environment.calls = []

    def call(command, **_):
        environment.calls.append(command)
        if "venv" in command:
            program = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
            program.parent.mkdir(parents=True)
            program.with_suffix(".exe" if os.name == "nt" else "").touch()
        return 0 if Path(command[0]).exists() or command[0] == sys.executable else 1

    monkeypatch.setattr(environment.subprocess, "call", call)
    monkeypatch.setattr(environment.subprocess, "check_output", lambda _: b"Python 3.11")
    return environment


def installs(environment):
    return [command[-1] for command in environment.calls if "pip" in command]


def made(environment):
    return sum("venv" in command for command in environment.calls)


@pytest.mark.parametrize("name", ["demo", "test", "environment.py"])
def test_old_pythons_can_read_it(name):
    source = (SCRIPTS / name).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=OLD)
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert modules <= {"environment", *sys.stdlib_module_names}


@pytest.mark.parametrize("name", ["demo", "test"])
def test_they_run_by_their_names(name):
    first = (SCRIPTS / name).read_text(encoding="utf-8").splitlines()[0]
    assert first == "#!/usr/bin/env python3"
    assert os.name == "nt" or os.access(SCRIPTS / name, os.X_OK)


def test_a_python_that_is_too_old_is_told(environment, monkeypatch):
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later, and this is 3\.9"):
        environment.python("dev")
    assert environment.calls == []


def test_everything_is_made_once(environment, tmp_path):
    program = environment.python("dev")
    assert Path(program).parents[1] == tmp_path / "venv"
    assert (made(environment), installs(environment)) == (1, [f"{environment.ROOT}[dev]"])
    assert environment.python("dev") == program
    assert (made(environment), len(installs(environment))) == (1, 1)


def test_other_extras_are_added_to_the_same_environment(environment):
    environment.python()
    environment.python("dev")
    assert made(environment) == 1
    assert installs(environment) == [str(environment.ROOT), f"{environment.ROOT}[dev]"]


def test_other_requirements_are_installed_again(environment, monkeypatch, tmp_path):
    environment.python("dev")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    environment.python("dev")
    assert (made(environment), len(installs(environment))) == (1, 2)


def test_an_installation_that_fails_is_tried_again(environment, monkeypatch):
    works = environment.subprocess.call
    monkeypatch.setattr(environment.subprocess, "call", lambda command, **_: works(command) or "pip" in command)
    with pytest.raises(SystemExit, match="pip could not install"):
        environment.python("dev")
    monkeypatch.setattr(environment.subprocess, "call", works)
    environment.python("dev")
    assert len(installs(environment)) == 2


def test_a_python_without_venv_says_which_package_has_it(environment, monkeypatch, tmp_path):
    monkeypatch.setattr(environment.subprocess, "call", lambda *_, **__: 1)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        environment.python("dev")
    assert not (tmp_path / "venv").exists()


def test_a_folder_of_something_else_is_left_alone(environment, tmp_path):
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "thesis.txt").touch()
    with pytest.raises(SystemExit, match="is no virtual environment"):
        environment.python("dev")
    assert made(environment) == 0
    assert (tmp_path / "venv" / "thesis.txt").exists()


def test_the_demo_script_ends_as_the_demo_does(tmp_path):
    """With this Python's own environment, said to be complete."""
    place = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    code = (
        "import environment; p = environment.Path(environment.os.environ['MINI_INFER_VENV']);"
        f"environment._install = lambda program, wanted: None; environment.run = lambda *c: {7};"
        "import runpy, sys; sys.argv = ['demo']; runpy.run_path('demo', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, env={**os.environ, "MINI_INFER_VENV": str(place)}, check=False
    )
    assert done.returncode == 7
