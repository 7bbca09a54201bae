"""Small random models of images, whose steps can be streamed in many ways."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

NONE = (0, 0, 0, 0)


class _Builder:
    """A model that grows node by node; `values` are what can be read: name → shape."""

    def __init__(self, rng):
        self.rng = rng
        self.nodes = []
        self.constants = []
        self.values = {}
        self.changes = (
            *[self.convolution] * 3,
            *[self.depthwise, self.pointwise, self.pool, self.sum, self.join, self.activation, self.gate, self.larger],
            *[self.transposed, self.normalized, self.softmax],
        )

    def pick(self, *choices):
        return choices[int(self.rng.integers(len(choices)))]

    def weight(self, *shape):
        scale = np.sqrt(max(1, np.prod(shape[1:])))
        array = (self.rng.standard_normal(shape) / scale).astype(np.float32)
        self.constants.append(numpy_helper.from_array(array, f"w{len(self.constants)}"))
        return self.constants[-1].name

    def integers(self, *values):
        self.constants.append(numpy_helper.from_array(np.array(values, np.int64), f"w{len(self.constants)}"))
        return self.constants[-1].name

    def node(self, op, inputs, shape, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=f"{op}_{name}", **attributes))
        self.values[name] = tuple(int(size) for size in shape)
        return name

    def recent(self):
        """One of the last values, most often the last."""
        names = list(self.values)
        return names[-1 - min(int(self.rng.geometric(0.7)) - 1, len(names) - 1)]

    def window(self, shape, sizes):
        """The attributes of a window that fits, and the height and width of what comes out."""
        kernel = [min(self.pick(*sizes), size) for size in shape[2:]]
        strides, dilations = [self.pick(1, 1, 2) for _ in kernel], [self.pick(1, 1, 1, 2) for _ in kernel]
        spans = [dilation * (size - 1) for dilation, size in zip(dilations, kernel, strict=True)]
        pads = [int(self.rng.integers(0, size)) for size in (*kernel, *kernel)]
        pads = [pad + (span >= whole) * span for pad, span, whole in zip(pads, spans * 2, shape[2:] * 2, strict=True)]
        given = zip(shape[2:], spans, strides, pads[:2], pads[2:], strict=True)
        sizes = [(size + before + after - span - 1) // stride + 1 for size, span, stride, before, after in given]
        return {"kernel_shape": kernel, "strides": strides, "dilations": dilations, "pads": pads}, sizes

    def convolution(self):
        source = self.recent()
        shape = self.values[source]
        columns = self.pick(1, 3, 8, 12)
        attributes, sizes = self.window(shape, (1, 3, 3, 5))
        weights = [self.weight(columns, shape[1], *attributes["kernel_shape"]), self.weight(columns)]
        self.node("Conv", [source, *weights], (1, columns, *sizes), **attributes)
        if self.pick(True, False):
            self.activation()

    def depthwise(self):
        source = self.recent()
        shape = self.values[source]
        attributes, sizes = self.window(shape, (3, 3, 5))
        weights = self.weight(shape[1], 1, *attributes["kernel_shape"])
        self.node("Conv", [source, weights], (1, shape[1], *sizes), group=shape[1], **attributes)

    def pointwise(self):
        source = self.recent()
        shape = self.values[source]
        columns = self.pick(4, 8, 16, 20)
        self.node("Conv", [source, self.weight(columns, shape[1], 1, 1)], (1, columns, *shape[2:]))

    def pool(self):
        source = self.recent()
        shape = self.values[source]
        op = self.pick("MaxPool", "AveragePool")
        attributes, sizes = self.window(shape, (2, 3))
        attributes["dilations"] = [1, 1]
        attributes["pads"] = self.pick(NONE, tuple(min(1, size - 1) for size in attributes["kernel_shape"] * 2))
        given = zip(shape[2:], *(attributes[name] for name in ("kernel_shape", "strides")), strict=True)
        before, after = attributes["pads"][:2], attributes["pads"][2:]
        sizes = [
            (size + low + high - kernel) // stride + 1
            for (size, kernel, stride), low, high in zip(given, before, after, strict=True)
        ]
        if op == "AveragePool":
            attributes["count_include_pad"] = self.pick(0, 1)
        self.node(op, [source], (*shape[:2], *sizes), **attributes)

    def partner(self, source, channels):
        """A value of the same height and width, and channels if these must be alike."""
        shape = self.values[source]
        alike = [
            name
            for name, other in self.values.items()
            if other[2:] == shape[2:] and (not channels or other[1] == shape[1])
        ]
        return self.pick(*alike)

    def sum(self):
        source = self.recent()
        self.node("Add", [source, self.partner(source, channels=True)], self.values[source])

    def join(self):
        source = self.recent()
        other = self.partner(source, channels=False)
        shape = self.values[source]
        if shape[1] + self.values[other][1] <= 40:
            self.node("Concat", [source, other], (1, shape[1] + self.values[other][1], *shape[2:]), axis=1)

    def activation(self):
        source = self.recent()
        self.node(self.pick("Relu", "Sigmoid", "Tanh", "HardSwish"), [source], self.values[source])

    def gate(self):
        source = self.recent()
        shape = self.values[source]
        small = (1, shape[1], 1, 1)
        mean = self.node("GlobalAveragePool", [source], small)
        fine = self.node("Conv", [mean, self.weight(shape[1], shape[1], 1, 1)], small)
        self.node("Mul", [source, self.node("Sigmoid", [fine], small)], shape)

    def larger(self):
        source = self.recent()
        shape = self.values[source]
        if shape[2] * shape[3] <= 150:
            self.constants.append(
                numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), f"w{len(self.constants)}")
            )
            wide = (*shape[:2], 2 * shape[2], 2 * shape[3])
            self.node("Resize", [source, "", self.constants[-1].name], wide, mode="nearest")

    def transposed(self):
        source = self.recent()
        shape = self.values[source]
        if shape[2] * shape[3] <= 150:
            columns = self.pick(3, 8)
            wide = (1, columns, 2 * shape[2], 2 * shape[3])
            self.node("ConvTranspose", [source, self.weight(shape[1], columns, 2, 2)], wide, strides=[2, 2])

    def normalized(self):
        source = self.recent()
        one, channels, high, wide = self.values[source]
        last = self.node("Transpose", [source], (one, high, wide, channels), perm=[0, 2, 3, 1])
        scales = [self.weight(channels), self.weight(channels)]
        scaled = self.node("LayerNormalization", [last, *scales], (one, high, wide, channels))
        for name in (last, scaled):
            del self.values[name]
        self.node("Transpose", [scaled], (one, channels, high, wide), perm=[0, 3, 1, 2])

    def softmax(self):
        source = self.recent()
        self.node("Softmax", [source], self.values[source], axis=self.pick(1, 3))


def random_model(seed, count=14):
    """A model of about so many nodes on one image, with one to three outputs."""
    rng = np.random.default_rng(seed)
    build = _Builder(rng)
    size = (1, int(rng.integers(1, 9)), int(rng.integers(5, 22)), int(rng.integers(5, 22)))
    build.values["x"] = size
    while len(build.nodes) < count:
        build.pick(*build.changes)()
    made = [name for name in build.values if name != "x"]
    read = {name for node in build.nodes for name in node.input}
    outputs = [name for name in made if name not in read]
    outputs = list(dict.fromkeys([*outputs, *(build.pick(*made) for _ in range(int(rng.integers(0, 3))))]))
    graph = helper.make_graph(
        build.nodes,
        f"random_{seed}",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, size)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, build.values[name]) for name in outputs],
        build.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def random_tokens(seed, count=12):
    """A model of about so many nodes on rows of numbers, as transformers have them, of float32 or float64."""
    rng = np.random.default_rng(seed)
    build = _Builder(rng)
    kind = np.float64 if seed % 4 == 0 else np.float32
    rows = int(rng.integers(1, 40))
    build.values["x"] = (rows, build.pick(8, 12, 24))

    def weight(*shape):
        array = (rng.standard_normal(shape) / np.sqrt(shape[0])).astype(kind)
        build.constants.append(numpy_helper.from_array(array, f"w{len(build.constants)}"))
        return build.constants[-1].name

    def product(source):
        columns = build.pick(4, 16, 24, 33)
        return build.node("MatMul", [source, weight(build.values[source][1], columns)], (rows, columns))

    def attention(source):
        keys, values = product(source), product(source)
        turned = build.node("Transpose", [keys], build.values[keys][::-1], perm=[1, 0])
        scores = build.node("MatMul", [keys, turned], (rows, rows))
        parts = build.node("Softmax", [scores], (rows, rows))
        del build.values[turned], build.values[scores], build.values[parts]
        return build.node("MatMul", [parts, values], build.values[values])

    def normalized(source):
        width = build.values[source][1]
        return build.node("LayerNormalization", [source, weight(width), weight(width)], build.values[source])

    def added(source):
        alike = [name for name, shape in build.values.items() if shape == build.values[source]]
        return build.node("Add", [source, build.pick(*alike)], build.values[source])

    def activated(source):
        return build.node(build.pick("Relu", "Tanh", "Gelu"), [source], build.values[source])

    def joined(source):
        other = build.pick(*build.values)
        width = build.values[source][1] + build.values[other][1]
        return build.node("Concat", [source, other], (rows, width), axis=1) if width < 80 else source

    while len(build.nodes) < count:
        build.pick(product, product, attention, normalized, added, activated, joined)(build.recent())
    read = {name for node in build.nodes for name in node.input}
    outputs = [name for name in build.values if name not in read]
    element = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    graph = helper.make_graph(
        build.nodes,
        f"tokens_{seed}",
        [helper.make_tensor_value_info("x", element, build.values["x"])],
        [helper.make_tensor_value_info(name, element, build.values[name]) for name in outputs],
        build.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
