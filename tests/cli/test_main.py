import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mini_infer.cli
from mini_infer import __version__
from mini_infer.cli import COMMANDS, logs, main
from mini_infer.cli.parser import EXIT_CODES, configured
from mini_infer.errors import MiniInferError, UsageError


def subclasses(kind):
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def test_help_lists_every_command(command):
    answer = command("--help")
    assert (answer.status, answer.errors) == (0, [])
    for name in COMMANDS:
        assert f"\n    {name} " in answer.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_ends_in_examples_and_exit_codes(command, name):
    answer = command(name, "--help")
    assert (answer.status, answer.errors) == (0, [])
    description, _, rest = answer.out.partition("\nexamples:\n")
    examples, _, codes = rest.partition("\n\n")
    assert "options:\n" in description
    parser = dict(configured())[name]
    for example in examples.splitlines():
        assert example.startswith(f"  mini-infer {name}")
        assert set(re.findall(r" (--?[a-z][a-z-]*)", example)) <= set(parser._option_string_actions)
    assert all(f"{code} " in codes for code in EXIT_CODES)


def test_the_exit_codes_are_those_of_the_errors_and_of_the_document():
    assert {kind.exit_code for kind in subclasses(MiniInferError)} <= set(EXIT_CODES)
    text = (Path(__file__).parents[2] / "docs" / "usage.md").read_text(encoding="utf-8")
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == list(EXIT_CODES)


def test_version(command):
    answer = command("--version")
    assert (answer.status, answer.out) == (0, f"mini-infer {__version__}\n")


def test_every_command_is_a_module():
    folder = Path(mini_infer.cli.__file__).parent / "commands"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == {name.replace("-", "_") for name in COMMANDS}


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_needs_no_heavy_library(words, environment):
    code = (
        "import sys; from mini_infer.cli import main; main(sys.argv[1:]);"
        "assert not {'numpy', 'onnx', 'numba', 'onnxruntime'} & set(sys.modules), 'heavy'"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", [["nonsense"], ["plan"], ["plan", "x.onnx", "--bogus"], ["plan", "--strat", "x"]])
def test_usage_errors_are_one_line(command, words):
    answer = command(*words)
    assert answer.status == UsageError.exit_code
    assert answer.out == ""
    (line,) = answer.errors
    assert line.startswith("mini-infer: error: ")
    assert "--help" in line


@pytest.fixture
def raising(monkeypatch):
    """Let `mini-infer doctor` raise."""

    def arrange(error):
        def run(_):
            raise error

        import mini_infer.cli.commands.doctor

        monkeypatch.setattr(mini_infer.cli.commands.doctor, "run", run)

    return arrange


PUBLIC = [kind for kind in subclasses(MiniInferError) if kind.__module__ == "mini_infer.errors"]
"""Others say more of one of these, and are made of something else."""


@pytest.mark.parametrize("kind", sorted(PUBLIC, key=lambda kind: kind.__name__))
def test_every_error_has_its_exit_code_and_one_line(command, raising, kind):
    raising(kind("of two\n  lines"))
    answer = command("doctor", "x.onnx")
    assert answer.status == kind.exit_code
    assert answer.errors == ["mini-infer: error: of two lines"]


def test_the_unexpected_is_one_line_until_more_is_asked_for(command, raising):
    raising(ZeroDivisionError("oh"))
    answer = command("doctor", "x.onnx")
    assert answer.status == 1
    (line,) = answer.errors
    assert line.startswith("mini-infer: error: unexpected ZeroDivisionError: oh; this is a bug: -v")
    answer = command("doctor", "x.onnx", "-v")
    assert answer.status == 1
    assert answer.errors[0] == "Traceback (most recent call last):"
    assert answer.errors[-1] == "mini-infer: error: unexpected ZeroDivisionError: oh"


def test_interruption(command, raising):
    raising(KeyboardInterrupt())
    answer = command("doctor", "x.onnx")
    assert (answer.status, answer.errors) == (130, ["mini-infer: error: interrupted"])


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break differently there")
def test_a_closed_pipe_is_quiet(tmp_path, process):
    (tmp_path / "buffers.csv").write_text("id,lower,upper,size\na,0,2,100\n")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = process("solve", tmp_path / "buffers.csv", stdout=closed)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_terminal_that_cannot_show_a_name_gets_an_escape(process):
    done = process("solve", "buffersé.csv", PYTHONIOENCODING="ascii")
    assert done.returncode == 3
    assert "buffers\\xe9.csv:" in done.stderr


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["-q"], []),
        ([], ["warning"]),
        (["-v"], ["warning", "info"]),
        (["-vv"], ["warning", "info", "debug"]),
        (["-v", "-q"], ["warning"]),
    ],
)
def test_verbosity(command, monkeypatch, words, shown):
    def run(_):
        logger = logging.getLogger("mini_infer.somewhere")
        logger.warning("%s\nthing", "a")
        logger.info("a thing")
        logger.debug("a thing")
        return 0

    import mini_infer.cli.commands.doctor

    monkeypatch.setattr(mini_infer.cli.commands.doctor, "run", run)
    expected = [f"mini-infer: {level}: a thing" for level in shown]
    assert command("doctor", "x", *words).errors == expected
    assert command(*words, "doctor", "x").errors == expected


def test_logging_is_put_back():
    logger = logging.getLogger("mini_infer")
    before = logger.handlers[:], logger.level
    with logs.to_stderr(9):
        assert logger.level == logging.DEBUG
    assert (logger.handlers, logger.level) == before


def test_main_takes_the_process_arguments(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["mini-infer", "--version"])
    assert main() == 0
    assert __version__ in capsys.readouterr().out


INTERRUPTED_IMPORT = """
import runpy, sys

wanted, sys.argv = sys.argv[1], ["mini-infer", "plan", "x.onnx"]

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
sys.modules.pop(wanted, None)
runpy.run_module("mini_infer", run_name="__main__")
"""


@pytest.mark.parametrize("module", ["mini_infer.cli", "argparse", "mini_infer.cli.commands.plan", "numpy", "onnx"])
def test_an_interrupt_while_something_is_imported(environment, module):
    words = [sys.executable, "-c", INTERRUPTED_IMPORT, module]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr in ("", "mini-infer: error: interrupted\n")


def test_an_import_that_fails_because_of_an_interrupt(command, raising):
    error = ImportError("numpy cannot be imported")
    error.__cause__ = KeyboardInterrupt()
    raising(error)
    assert (command("doctor", "x").status, command("doctor", "x").errors) == (130, ["mini-infer: error: interrupted"])


def test_a_python_without_what_the_package_needs_is_no_bug(command, raising):
    raising(ModuleNotFoundError("No module named 'onnx'", name="onnx"))
    answer = command("doctor", "x.onnx")
    assert answer.status == 2
    assert answer.errors == [
        'mini-infer: error: this command needs onnx, which is not installed: pip install "mini-infer-engine[compile]"'
    ]


@pytest.mark.parametrize(
    ("words", "same"), [([], ["--help"]), (["help"], ["--help"]), (["help", "plan"], ["plan", "--help"])]
)
def test_help_is_what_it_says(command, words, same):
    answer, wanted = command(*words), command(*same)
    assert answer.status == 0
    assert answer.out == wanted.out
    assert answer.out.startswith("usage: mini-infer")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pln", "x.onnx"], "there is no command 'pln'; did you mean plan?; see mini-infer --help"),
        (["help", "pln"], "there is no command 'pln'; did you mean plan?; see mini-infer --help"),
        (["frobnicate"], "there is no command 'frobnicate'; see mini-infer --help"),
        (["plan", "x.onnx", "--shape", "x:1"], "--shape x:1; did you mean --shapes?; see mini-infer plan --help"),
        (["plan", "x.onnx", "--time-limt=3"], "--time-limt=3; did you mean --time-limit?; see mini-infer plan --help"),
        (["plan", "x.onnx", "y.onnx"], "unrecognized arguments: y.onnx; see mini-infer plan --help"),
    ],
)
def test_what_may_be_meant(command, words, said):
    answer = command(*words)
    assert answer.status == 2
    (line,) = answer.errors
    assert line.endswith(said)
