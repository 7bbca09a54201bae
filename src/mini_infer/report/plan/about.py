"""Where a plan comes from and what it takes in all: what a page needs to be understood by whom it is mailed to."""

from dataclasses import fields

from mini_infer.options import Options
from mini_infer.report.sizes import exact_bytes
from mini_infer.runtime import Artifact
from mini_infer.version import __version__


def about_lines(artifact: Artifact, options: Options | None = None) -> list[str]:
    """What to reserve, what goes in and out, and what made it; of options those that are not the defaults."""
    taken = artifact.memory
    parts = {"arena": taken.arena, "states": taken.state, "weights": taken.weights}
    parts |= {"inputs": taken.inputs, "outputs": taken.outputs}
    summed = " + ".join(f"{name} {exact_bytes(size)}" for name, size in parts.items() if size)
    ports = {"in": artifact.inputs, "out": artifact.outputs}
    return [
        f"to reserve for one context: {summed} = {exact_bytes(taken.total)} bytes; code stands beside it",
        *(f"{way}: {', '.join(f'{name} {kind}' for name, kind in found.items())}" for way, found in ports.items()),
        f"mini-infer {__version__} for {artifact.target}{'' if options is None else options_text(options)}",
    ]


def options_text(options: Options) -> str:
    """The options that are not the defaults, as Python has them."""
    usual = Options()
    said = [
        f"{each.name}={value!r}"
        for each in fields(Options)
        if (value := getattr(options, each.name)) != getattr(usual, each.name) and each.name not in ("fix", "timings")
    ]
    return f" with {', '.join(said)}" if said else ""
