"""A fault as a program: the model, what goes in, what is right and what we say."""

import numpy as np
import onnx
from onnx import helper

from harness.check import Fault
from harness.instance import RECIPE, Instance, element
from harness.ways import Way


def script(instance: Instance, fault: Fault) -> str:
    """Python that needs numpy, onnx and mini_infer alone."""
    lines = [
        f'"""{instance.text}',
        f"{fault.kind}: {fault.text}",
        f"Way: {fault.way}. Family {instance.family}, seed {instance.draw.seed}, decisions {instance.draw.taken}.",
        '"""',
        "import numpy as np",
        "import onnx",
        "from onnx import helper as h, numpy_helper",
        "import mini_infer",
        "",
        RECIPE,
        "feeds = {" + ", ".join(f"{name!r}: {instance.recipe(name)}" for name in instance.inputs) + "}",
        "constants = {" + ", ".join(f"{name!r}: {instance.recipe(name)}" for name in instance.constants) + "}",
        "nodes = [",
        *(f"    {_node(node)}," for node in instance.nodes),
        "]",
        "def info(name, array):",
        "    return h.make_tensor_value_info(name, h.np_dtype_to_tensor_dtype(array.dtype), array.shape)",
        "inputs = [info(name, array) for name, array in feeds.items()]",
        "tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]",
        f"outputs = [{', '.join(_output(instance, name) for name in instance.outputs)}]",
        "graph = h.make_graph(nodes, 'fault', inputs, outputs, tensors)",
        f"model = h.make_model(graph, opset_imports=[{_opsets(instance)}], ir_version=10)",
        *_patches(fault.way),
        f"engine = mini_infer.compile(model, {_options(fault.way)})",
        f"got = engine.create_context({'poison=True' if fault.way.poison else ''}).run(feeds)",
    ]
    for name in instance.outputs:
        lines += _expected(instance, name)
    return "\n".join(lines) + "\n"


def _expected(instance: Instance, name: str) -> list[str]:
    ball = instance.values[name]
    where = f"got[{name!r}]"
    if ball.value.size <= 64:
        right = f"np.array({ball.value.tolist()!r})".replace("nan", "np.nan").replace("inf", "np.inf")
        return [
            f"print('{name}, right:', {right}.tolist(), 'within', {float(np.max(ball.error, initial=0))!r})",
            f"print('ours:', {where}.tolist())",
        ]
    picked = [
        tuple(int(v) for v in np.unravel_index(k, ball.shape))
        for k in np.linspace(0, ball.value.size - 1, 8).astype(int)
    ]
    rights = {place: ball.value[place].item() for place in picked}
    return [
        f"for place, right in {rights!r}.items():".replace("nan", "np.nan").replace("inf", "np.inf"),
        f"    print('{name}', place, 'right:', right, 'ours:', {where}[place])",
    ]


def _node(node: onnx.NodeProto) -> str:
    parts = [repr(node.op_type), repr(list(node.input)), repr(list(node.output)), f"name={node.name!r}"]
    if node.domain:
        parts.append(f"domain={node.domain!r}")
    for attribute in node.attribute:
        value = helper.get_attribute_value(attribute)
        if isinstance(value, onnx.GraphProto):
            text = f"onnx.parser.parse_graph({onnx.printer.to_text(value)!r})"
        elif isinstance(value, onnx.TensorProto):
            array = onnx.numpy_helper.to_array(value)
            text = f"numpy_helper.from_array(np.array({array.tolist()!r}, {str(array.dtype)!r}))"
        elif isinstance(value, list):
            text = repr([item.decode() if isinstance(item, bytes) else item for item in value])
        else:
            text = repr(value.decode() if isinstance(value, bytes) else value)
        parts.append(f"{attribute.name}={text}")
    return f"h.make_node({', '.join(parts)})"


def _output(instance: Instance, name: str) -> str:
    kind = element(np.zeros(0, instance.dtype(name)))
    return f"h.make_tensor_value_info({name!r}, {kind}, {[None] * len(instance.shape(name))!r})"


def _opsets(instance: Instance) -> str:
    domains = {"": instance.version, **{node.domain: 1 for node in instance.nodes if node.domain}}
    return ", ".join(f"h.make_opsetid({domain!r}, {version})" for domain, version in domains.items())


def _patches(way: Way) -> list[str]:
    lines = []
    if way.retargeted:
        target = way.options().built_for
        words = f"{target.arch!r}, {target.system!r}, {target.features!r}, MACHINES[{target.machine.name!r}]"
        lines += [
            "from dataclasses import replace",
            "from mini_infer.machine import MACHINES",
            "from mini_infer.toolchain import Target",
            f"target = Target({words})",
        ]
    if way.scalar:
        lines.append("target = replace(target, machine=replace(target.machine, arch='', hosted=True))")
    if way.shared:
        lines += [
            "rates = replace(target.machine.rates, barrier=1, wake=0)  # share everything",
            "target = replace(target, machine=replace(target.machine, rates=rates))",
        ]
    if way.any_tile or way.any_function or way.pieces:
        lines += [
            "import harness.ways as ways  # run with tests/differential on the path",
            f"ways.{way!r}.applied().__enter__()",
        ]
    if way.pieces:
        lines += [
            "from mini_infer.objective import Objective",
            f"goal = {way.objective!r}  # blocks wherever they can be",
        ]
    return lines


def _options(way: Way) -> str:
    words = ["target=target"] * way.retargeted
    words += [f"optimize={'goal' if way.pieces else repr(way.goal)}", f"threads={way.threads}", "time_limit=0"]
    words += ["memory_planning=False"] * (not way.plan) + ["rewrite=False"] * (not way.optimize)
    words += ["compiler='none'"] * (not way.native)
    return ", ".join(words)
