"""A script that completes commands, options and their values in bash, zsh, fish or PowerShell.

It is made from the commands' own options, and asks mini-infer nothing while you type: make it again after an update.

For example:

  mini-infer completion bash >> ~/.bashrc
  mini-infer completion zsh > "${fpath[1]}/_mini-infer"
  mini-infer completion fish > ~/.config/fish/completions/mini-infer.fish
  mini-infer completion powershell >> $PROFILE
"""

import argparse
import sys

from mini_infer.cli.parser import COMMANDS, RARE, configured
from mini_infer.cli.shells import SHELLS, Command, Option


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=tuple(SHELLS), help=f"one of {', '.join(SHELLS)}")


def run(args: argparse.Namespace) -> int:
    """Write the script."""
    commands = [Command(name, COMMANDS[name], options(parser), words(parser)) for name, parser in configured()]
    sys.stdout.write(SHELLS[args.shell](commands))
    return 0


def options(parser: argparse.ArgumentParser) -> tuple[Option, ...]:
    """The parser's options, the rare ones too, but not the names that they had before."""
    actions = parser._actions  # noqa: SLF001 - argparse has no other way to ask
    purposes = {action: getattr(action, RARE, action.help) or "" for action in actions}
    return tuple(
        Option(
            tuple(action.option_strings),
            purpose.replace("%%", "%").replace("%(default)s", str(action.default)),
            takes_value=action.nargs != 0,
            choices=tuple(map(str, action.choices or ())),
        )
        for action, purpose in purposes.items()
        if action.option_strings and purpose != argparse.SUPPRESS
    )


def words(parser: argparse.ArgumentParser) -> tuple[str, ...]:
    """What the first argument may be, where it is one of a few words; otherwise it is a file."""
    first = [action.choices for action in parser._actions if not action.option_strings]  # noqa: SLF001
    return tuple(first[0] or ()) if first else ()
