"""Engine files with right checksums and wrong contents: refused before anything is built, or harmless."""

import pytest
from crafting import FAR, Parts

from mini_infer.errors import EngineError
from mini_infer.runtime import file


def refused(parts: Parts, path) -> str:
    """Why a file is refused; one line."""
    parts.write(path)
    with pytest.raises(EngineError) as caught:
        file.read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def calls(parts: Parts, kernel: str):
    """The calls of a kernel, in order."""
    every = (call for step in parts.programs[0]["steps"] for call in step["calls"])
    return [call for call in every if call["kernel"]["$"] == kernel]


def steps(parts: Parts, kind: str):
    """The control steps of a kind."""
    every = (step["control"] for step in parts.programs[0]["steps"] if step["control"])
    return [one for one in every if one["kind"]["value"] == kind]


def test_what_is_not_changed_is_read(files, tmp_path):
    for name, parts in files.items():
        parts.write(tmp_path / f"{name}.engine")
        file.read(tmp_path / f"{name}.engine")


def placed_at(offset):
    """Changes where the plan puts the first buffer."""
    return lambda p: p.plans[0]["offsets"].__setitem__(0, offset)


CRAFTED = {
    "an offset behind the input": (
        "convolutions",
        lambda p: calls(p, "TiledContraction")[0]["operands"][0].update(offset=4),
        "input 'x', which has 768",
    ),
    "a negative offset": (
        "convolutions",
        lambda p: calls(p, "TiledContraction")[0]["operands"][-1].update(offset=-64),
        "lies at bytes",
    ),
    "an offset between elements": (
        "convolutions",
        lambda p: calls(p, "Copy")[0]["operands"][0].update(offset=2),
        "lies at bytes",
    ),
    "a buffer that there is not": (
        "convolutions",
        lambda p: calls(p, "Copy")[0]["operands"][1].update(index=99),
        "lies in arena number 99",
    ),
    "a negative index": (
        "convolutions",
        lambda p: calls(p, "Copy")[0]["operands"][1].update(index=-1),
        "lies in arena number -1",
    ),
    "an input that is written": (
        "convolutions",
        lambda p: calls(p, "Copy")[0]["operands"].__setitem__(1, calls(p, "TiledContraction")[0]["operands"][0]),
        "Copy",
    ),
    "an operand too few": ("convolutions", lambda p: calls(p, "Reduction")[0]["operands"].pop(), "operands of"),
    "another element type": (
        "convolutions",
        lambda p: calls(p, "Reduction")[0]["operands"][0]["type"]["dtype"].update(value="int32"),
        "as float32, where there is int32",
    ),
    "a copy of more elements": (
        "convolutions",
        lambda p: calls(p, "Copy")[0]["kernel"]["shape"].__setitem__(-1, 1000),
        "Copy",
    ),
    "a copy without end": (
        "convolutions",
        lambda p: calls(p, "Copy")[0]["kernel"].update(shape=[1 << 60, 1], source=[0, 1], target=[0, 1]),
        "steps, more than 2^48",
    ),
    "a copy of the same element again and again": (
        "convolutions",
        lambda p: calls(p, "Copy")[0]["kernel"].update(shape=[1 << 30], source=[0], target=[0]),
        "more than once",
    ),
    "larger weights": (
        "convolutions",
        lambda p: calls(p, "TiledContraction")[0]["kernel"]["shape"].update(in_channels=4),
        "TiledContraction reads",
    ),
    "windows of more outputs": (
        "convolutions",
        lambda p: calls(p, "TiledContraction")[0]["kernel"]["shape"]["axes"][0].update(output=10),
        "TiledContraction writes y",
    ),
    "a tile of no rows": (
        "convolutions",
        lambda p: calls(p, "TiledContraction")[0]["kernel"]["tile"].update(rows=0),
        "rows is 0",
    ),
    "vectors that no machine has": (
        "convolutions",
        lambda p: calls(p, "TiledContraction")[0]["kernel"]["tile"].update(width=1024),
        "width",
    ),
    "a pool that divides nothing": (
        "convolutions",
        lambda p: calls(p, "TiledContraction")[0]["kernel"].update(pool=[7, 7]),
        "pools of",
    ),
    "an operation that there is not": (
        "convolutions",
        lambda p: calls(p, "Reduction")[0]["kernel"]["stages"][0]["map"][0].update(name="system"),
        "'system', which is not known",
    ),
    "an argument that comes later": (
        "convolutions",
        lambda p: calls(p, "Reduction")[0]["kernel"]["stages"][0]["map"][0].update(arguments=[5]),
        "is applied to",
    ),
    "a combination that there is not": (
        "convolutions",
        lambda p: calls(p, "Reduction")[0]["kernel"]["stages"][0].update(combiner="Sub"),
        "'Sub', which is not known",
    ),
    "indices that nothing checks": (
        "control",
        lambda p: calls(p, "Gather")[0]["kernel"].update(checked=False),
        "unchecked",
    ),
    "fewer slices than constant indices": (
        "convolutions",
        lambda p: calls(p, "Gather")[0]["kernel"].update(sizes=[6]),
        "unchecked",
    ),
    "a smaller tensor than nearest neighbors": (
        "convolutions",
        lambda p: calls(p, "SampleNearest")[0]["kernel"].update(sizes=[3, 3]),
        "unchecked",
    ),
    "a buffer that is too small": (
        "convolutions",
        lambda p: p.programs[0]["problem"]["buffers"][0].update(size=4),
        "has 4",
    ),
    "a buffer that dies too early": (
        "convolutions",
        lambda p: (first := p.programs[0]["problem"]["buffers"][0]).update(end=first["start"] + 1),
        "lives in steps",
    ),
    "a constant before the block": (
        "convolutions",
        lambda p: p.programs[0]["constants"][0].__setitem__(4, -64),
        "cannot read",
    ),
    "a constant behind the block": (
        "convolutions",
        lambda p: p.programs[0]["constants"][0].__setitem__(4, FAR),
        "cannot read",
    ),
    "a constant larger than the block": (
        "convolutions",
        lambda p: p.programs[0]["constants"][0].__setitem__(2, [FAR]),
        "cannot read",
    ),
    "a packing of no columns": (
        "convolutions",
        lambda p: next(c[3] for c in p.programs[0]["constants"] if c[3]).update(block=0),
        "cannot read",
    ),
    "an output that nothing writes": (
        "convolutions",
        lambda p: p.programs[0]["steps"].pop(-2),
        "which no step before it writes",
    ),
    "two outputs of one name": (
        "attention",
        lambda p: p.programs[0]["inputs"].append(p.programs[0]["inputs"][0]),
        "have one name",
    ),
    "an input of another type": (
        "attention",
        lambda p: p.programs[0]["inputs"][0]["type"].update(shape=[2, 5, 9]),
        "which lies elsewhere",
    ),
    "an offset of the plan between elements": (
        "convolutions",
        placed_at(1),
        "multiple of its alignment",
    ),
    "a plan before the arena": (
        "convolutions",
        placed_at(-64),
        "before the arena",
    ),
    "a plan beyond all memory": (
        "convolutions",
        placed_at(1 << 70),
        "cannot read",
    ),
    "a plan of fractions": ("convolutions", placed_at(0.5), "cannot read"),
    "a truth value for a number": (
        "convolutions",
        placed_at(False),
        "cannot read",
    ),
    "a loop that ends nowhere": ("control", lambda p: steps(p, "loop")[0].update(partner=0), "names"),
    "a loop's end without its beginning": (
        "control",
        lambda p: p.programs[0]["steps"].insert(0, next(s for s in p.programs[0]["steps"] if s["control"])),
        "step",
    ),
    "a branch that is never ended": (
        "control",
        lambda p: steps(p, "end if")[0].update(kind={"$enum": "ControlKind", "value": "fail"}),
        "stands alone",
    ),
    "a condition that is a number": (
        "control",
        lambda p: steps(p, "if")[0]["operands"][0]["type"]["dtype"].update(value="int8"),
        "not by one bool",
    ),
    "slices that have no room": (
        "control",
        lambda p: p.programs[0]["outputs"][1]["type"].update(shape=[3, 2, 3]),
        "has 72",
    ),
    "a place that the loop does not count": (
        "control",
        lambda p: steps(p, "append")[0]["operands"].__setitem__(2, steps(p, "loop")[0]["operands"][0]),
        "told its place by no loop",
    ),
    "trips that are not known": (
        "control",
        lambda p: steps(p, "loop")[0]["operands"].__setitem__(0, steps(p, "loop")[0]["operands"][2]),
        "step",
    ),
    "a second partner of vectors": (
        "attention",
        lambda p: calls(p, "Recurrence")[0]["kernel"].update(hidden=400),
        "Recurrence",
    ),
    "an operator of no gates": ("attention", lambda p: calls(p, "Recurrence")[0]["kernel"].update(operator="X"), "'X'"),
    "scratch memory for one row": (
        "attention",
        lambda p: calls(p, "TiledAttention")[0]["kernel"].update(keys=5000),
        "TiledAttention",
    ),
    "heads that share nothing": (
        "attention",
        lambda p: calls(p, "TiledAttention")[0]["kernel"].update(q_per_kv=0),
        "q_per_kv is 0",
    ),
    "more of the greatest than there are": (
        "attention",
        lambda p: calls(p, "TopK")[0]["kernel"].update(count=50),
        "50 elements of a line of",
    ),
    "an axis that there is not": (
        "attention",
        lambda p: calls(p, "CumulativeOp")[0]["kernel"].update(axis=2),
        "axis 2 of",
    ),
    "a number that is no number of a kernel": (
        "attention",
        lambda p: calls(p, "CumulativeOp")[0]["kernel"].update(shape=[2.0, 4.0]),
        "cannot read",
    ),
    "a value read that nothing makes": (
        "attention",
        lambda p: p.programs[0]["steps"][0]["node"]["inputs"].__setitem__(0, "nothing"),
        "reads 'nothing'",
    ),
    "a step of two kinds": (
        "control",
        lambda p: next(s for s in p.programs[0]["steps"] if s["calls"]).update(interpreted_because="so"),
        "several kinds",
    ),
}


@pytest.mark.parametrize("what", CRAFTED)
def test_a_program_that_breaks_a_rule_is_refused(files, tmp_path, what):
    name, change, reason = CRAFTED[what]
    parts = files[name].copy()
    change(parts)
    assert reason in refused(parts, tmp_path / "crafted.engine")


HEADERS = {
    "a list": lambda p: setattr(p, "header", []),
    "a number": lambda p: setattr(p, "header", 1),
    "nothing of it": lambda p: setattr(p, "header", {"format": 1}),
    "a format of text": lambda p: p.header.update(format="1"),
    "no profile": lambda p: (p.header.update(profiles=[]), p.programs.clear(), p.plans.clear()),
    "profiles of one name": lambda p: (
        p.header["profiles"].extend(p.header["profiles"]),
        p.programs.extend(p.programs),
    ),
    "a profile that is no name": lambda p: p.header.update(profiles=[3]),
    "more profiles": lambda p: p.header.update(profiles=["a", "b"]),
    "no target": lambda p: p.header.update(target=None),
    "a target without shared libraries": lambda p: p.header["target"]["machine"].update(hosted=False),
    "a machine of another width": lambda p: p.header["target"]["machine"].update(vector_bytes=24),
    "a machine that multiplies without end": lambda p: p.header["target"]["machine"]["pipeline"].update(in_flight=999),
    "a machine without a price": lambda p: p.header["target"]["machine"]["rates"].update(barrier=0),
    "a machine of text": lambda p: p.header["target"].update(machine="x86-64-v3"),
    "a target of no threads": lambda p: p.header["target"].update(threads=0),
    "a target of a million threads": lambda p: p.header["target"].update(threads=10**6),
    "a target of another machine's compiler": lambda p: p.header["target"].update(triple="riscv64-linux-gnu"),
    "arrays without shapes": lambda p: p.header.update(arrays=[["float32"]]),
    "arrays beyond all memory": lambda p: p.header.update(arrays=[["float32", [1 << 62]]]),
    "arrays of negative sizes": lambda p: p.header.update(arrays=[["float32", [-1]]]),
    "arrays of objects": lambda p: p.header.update(arrays=[["object", [1]]]),
    "arrays of fractions": lambda p: p.header.update(arrays=[["float32", [1.5]]]),
    "sections that are a list": lambda p: p.header.update(sections=[]),
    "a section that is missing": lambda p: p.sections.update(plans=None),
    "a section that begins elsewhere": lambda p: p.sections.update(plans={"start": 0, "size": 0, "sha256": ""}),
    "a section of a negative size": lambda p: p.sections.update(plans={"start": 0, "size": -1, "sha256": ""}),
    "another section": lambda p: p.sections.update(code={"start": 0, "size": 0, "sha256": ""}),
    "programs that are a number": lambda p: setattr(p, "programs", 7),
    "steps that are text": lambda p: p.programs[0].update(steps="no"),
    "a program without a name": lambda p: p.programs[0].pop("name"),
    "a name that is a number": lambda p: p.programs[0].update(name=5),
    "lists nested without end": lambda p: setattr(p, "programs", b"[" * 10**5 + b"]" * 10**5),
    "a class that there is not": lambda p: p.programs[0]["steps"][0].update({"$": "Popen"}),
    "an array that there is not": lambda p: p.programs[0]["steps"][0].update({"calls": {"$array": -1}}),
}


@pytest.mark.parametrize("what", HEADERS)
def test_a_header_of_a_wrong_form_is_refused(files, tmp_path, what):
    parts = files["attention"].copy()
    HEADERS[what](parts)
    assert "crafted.engine" in refused(parts, tmp_path / "crafted.engine")
