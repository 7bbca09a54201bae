"""From a TFLite file to one with a proved plan, run beside the first before anybody gets it."""

from dataclasses import dataclass
from pathlib import Path

from mini_infer import memory
from mini_infer.errors import MismatchError, ModelError, PlanError
from mini_infer.memory import Plan
from mini_infer.tflite.activations import Activations, activations
from mini_infer.tflite.interpreter import Comparison, compare
from mini_infer.tflite.model import parsed, read_content, serialized
from mini_infer.tflite.offline import planned, written_plan


@dataclass(frozen=True, slots=True)
class Outcome:
    """A planned model.

    `content` are the bytes of its file; `earlier` is the plan that the model brought, if any, not validated;
    `comparison` what the interpreter said of both, or None where it was not asked.
    """

    name: str
    activations: Activations
    plan: Plan
    earlier: Plan | None
    content: bytes
    comparison: Comparison | None


def plan(
    path: Path, *, strategy: str = "auto", time_limit: float = memory.Limits().seconds, run: bool = True
) -> Outcome:
    """Plan a model's activations; `strategy` and `time_limit` are those of `mini_infer.memory.solve`.

    With `run`, the interpreter runs the model with and without the plan in the smallest arenas that hold it.

    Raises
    ------
    ModelError
        The file is no TFLite model.
    UnsupportedError
        No plan of it would be safe, or an activation's bytes are not known.
    MismatchError
        The interpreter's answers with the plan are not those without it.
    """
    content = read_content(path)
    model = parsed(content, str(path))
    found = activations(model, str(path))
    earlier = written_plan(model, found, str(path))
    solved = memory.solve(found.problem, strategy, time_limit=time_limit)
    planned(model, found, solved)
    made = serialized(model)
    comparison = compare(content, made) if run else None
    if comparison is not None and not comparison.refused and not comparison.same:
        raise MismatchError(
            f"{path}: TFLite Micro's answers with the plan are not those without it"
            + ("; the plan that the model brought may be wrong: --check" if earlier else "")
        )
    return Outcome(path.name, found, solved, earlier, made, comparison)


def check(path: Path) -> Plan:
    """The plan that a model brings, validated.

    Raises
    ------
    ModelError
        The file is no TFLite model, or has no plan.
    MismatchError
        The plan breaks a rule; the message names the tensors and the bytes.
    """
    model = parsed(read_content(path), str(path))
    found = written_plan(model, activations(model, str(path)), str(path))
    if found is None:
        raise ModelError(f"{path}: has no offline plan; mini-infer plan-tflite {path} -o FILE writes one")
    try:
        memory.validate(found)
    except PlanError as error:
        raise MismatchError(f"{path}: {error}") from None
    return found
