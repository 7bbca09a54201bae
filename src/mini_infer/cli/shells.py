"""Scripts that complete a command line, one function per shell."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its spellings, what it does, whether a value follows it, and which values there are, if few."""

    flags: tuple[str, ...]
    purpose: str
    takes_value: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and the words that its first argument may be (none: a file)."""

    name: str
    purpose: str
    options: tuple[Option, ...]
    words: tuple[str, ...] = ()


Commands = Sequence[Command]


def bash(commands: Commands) -> str:
    """A function for `complete -F`; where it offers nothing, bash offers files."""
    values, words = [], []
    for command in commands:
        for option in command.options:
            if option.takes_value:
                pattern = "|".join(shlex.quote(f"{command.name} {flag}") for flag in option.flags)
                values.append(
                    f'    {pattern}) COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$cur")); return ;;'
                )
        flags = " ".join(flag for option in command.options for flag in option.flags)
        words.append(f'    {command.name}) flags="{flags}"; words="{" ".join(command.words)}" ;;')
    return f"""# bash completion for mini-infer
_mini_infer() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" cmd="${{COMP_WORDS[1]}}"
  local flags="" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{" ".join(command.name for command in commands)} --help --version" -- "$cur"))
    return
  fi
  case "$cmd $prev" in
{chr(10).join(values)}
  esac
  case "$cmd" in
{chr(10).join(words)}
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}}
complete -o default -F _mini_infer mini-infer
"""


def zsh(commands: Commands) -> str:
    """A completion function with the options' purposes."""
    cases = []
    for command in commands:
        specs = [_zsh_spec(option) for option in command.options]
        specs.append(shlex.quote(f"1:what:({' '.join(command.words)})") if command.words else "'*:file:_files'")
        cases.append(f"    {command.name})\n      _arguments -s " + " \\\n        ".join(specs) + " ;;")
    names = "\n".join("    " + shlex.quote(f"{command.name}:{_plain(command.purpose)}") for command in commands)
    return f"""#compdef mini-infer
_mini_infer() {{
  local -a names
  names=(
{names}
  )
  if (( CURRENT == 2 )); then
    _describe command names
    return
  fi
  local chosen=$words[2]
  shift words
  (( CURRENT-- ))
  case $chosen in
{chr(10).join(cases)}
  esac
}}
if [ "$funcstack[1]" = "_mini-infer" ]; then
  _mini_infer "$@"
else
  compdef _mini_infer mini-infer
fi
"""


def _zsh_spec(option: Option) -> str:
    value = ""
    if option.takes_value:
        value = f":value:({' '.join(option.choices)})" if option.choices else ":value:_files"
    spec = f"[{_plain(option.purpose)}]{value}"
    if len(option.flags) == 1:
        return shlex.quote(f"*{option.flags[0]}{spec}")
    return f"'*'{{{','.join(option.flags)}}}{shlex.quote(spec)}"


def fish(commands: Commands) -> str:
    """`complete` commands with the options' purposes."""
    lines = ["# fish completion for mini-infer", "complete -c mini-infer -n __fish_use_subcommand -f"]
    for command in commands:
        lines.append(
            f"complete -c mini-infer -n __fish_use_subcommand -a {command.name} -d {_fish_quoted(command.purpose)}"
        )
        chosen = f"complete -c mini-infer -n '__fish_seen_subcommand_from {command.name}'"
        if command.words:
            lines.append(f"{chosen} -f -a {_fish_quoted(' '.join(command.words))}")
        for option in command.options:
            names = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            value = " -r" if option.takes_value else ""
            if option.choices:
                value = f" -x -a {_fish_quoted(' '.join(option.choices))}"
            lines.append(f"{chosen} {names}{value} -d {_fish_quoted(option.purpose)}")
    return "\n".join(lines) + "\n"


def _fish_quoted(text: str) -> str:
    return "'" + _plain(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def powershell(commands: Commands) -> str:
    """A native argument completer; where it offers nothing, PowerShell offers files."""
    entries = []
    for command in commands:
        flags = ", ".join(_powershell_quoted(flag) for option in command.options for flag in option.flags)
        values = "; ".join(
            f"{_powershell_quoted(flag)} = @({', '.join(map(_powershell_quoted, option.choices))})"
            for option in command.options
            if option.takes_value
            for flag in option.flags
        )
        words = ", ".join(map(_powershell_quoted, command.words))
        entries.append(
            f"    '{command.name}' = @{{ flags = @({flags}); values = @{{ {values} }}; words = @({words}) }}"
        )
    return f"""# PowerShell completion for mini-infer
Register-ArgumentCompleter -Native -CommandName mini-infer, mini-infer.exe -ScriptBlock {{
  param($word, $ast, $position)
  $commands = @{{
{chr(10).join(entries)}
  }}
  $before = @($ast.CommandElements | Where-Object {{ $_.Extent.EndOffset -lt $position }} | ForEach-Object {{ "$_" }})
  if ($before.Count -lt 2) {{
    $offered = $commands.Keys | Sort-Object
  }} else {{
    $chosen = $commands[$before[1]]
    if ($null -eq $chosen) {{ return }}
    $last = $before[-1]
    if ($chosen.values.ContainsKey($last)) {{ $offered = $chosen.values[$last] }}
    elseif ($word -like '-*') {{ $offered = $chosen.flags }}
    else {{ $offered = $chosen.words }}
  }}
  $offered | Where-Object {{ $_ -like "$word*" }} | ForEach-Object {{
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }}
}}
"""


def _powershell_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain(text: str) -> str:
    """Without what has a meaning of its own in the shells' descriptions."""
    for special, harmless in (("[", "("), ("]", ")"), (":", " -"), ("\n", " ")):
        text = text.replace(special, harmless)
    return text


SHELLS: Mapping[str, Callable[[Commands], str]] = {"bash": bash, "zsh": zsh, "fish": fish, "powershell": powershell}
"""Shell → the function that writes its script."""
