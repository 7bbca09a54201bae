import shutil
import subprocess

import pytest

from mini_infer import memory
from mini_infer.cli.options import OLD_FLAGS
from mini_infer.cli.parser import COMMANDS, configured
from mini_infer.cli.shells import SHELLS


def shell(name, script, *words):
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"needs {name}")
    return subprocess.run([program, *words], input=script, capture_output=True, text=True, check=False)


@pytest.fixture(params=SHELLS)
def script(request, command):
    answer = command("completion", request.param)
    assert (answer.status, answer.errors) == (0, [])
    return answer.out


def test_every_script_knows_every_command_and_option(script):
    for name, parser in configured():
        assert name in script
        for flag in set(parser._option_string_actions) - set(OLD_FLAGS.values()):
            assert flag in script or f" {flag.lstrip('-')} " in script


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_shells_read_their_script_without_complaint(command, name):
    done = shell(name, command("completion", name).out, "-n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


ASK_BASH = """
COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); _mini_infer; printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("mini-infer ''", [*COMMANDS, "--help", "--version"]),
        ("mini-infer com", ["compile", "compare", "completion"]),
        ("mini-infer plan --strategy gree", [name for name in memory.STRATEGIES if name.startswith("gree")]),
        ("mini-infer plan --ht", ["--html"]),
        ("mini-infer completion ''", list(SHELLS)),
        ("mini-infer plan ''", [""]),  # nothing: bash offers files
    ],
)
def test_what_bash_offers(command, words, offered):
    done = shell("bash", command("completion", "bash").out + ASK_BASH.format(words=words))
    assert done.stderr == ""
    assert done.stdout.splitlines() == offered


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("mini-infer com", {"compile", "compare", "completion"}),
        ("mini-infer plan --strategy=gree", {f"--strategy={s}" for s in memory.STRATEGIES if s.startswith("gree")}),
        ("mini-infer plan --ht", {"--html"}),
        ("mini-infer completion ", set(SHELLS)),
    ],
)
def test_what_fish_offers(command, words, offered):
    done = shell("fish", command("completion", "fish").out + f'\ncomplete -C "{words}"\n')
    assert done.stderr == ""
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == offered


def test_an_unknown_shell(command):
    answer = command("completion", "sh")
    assert (answer.status, len(answer.errors)) == (2, 1)
