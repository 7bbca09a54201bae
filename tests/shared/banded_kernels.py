"""Kernels that can be cut into bands of rows, at sizes on both sides of every border."""

import math
from dataclasses import replace

import onnx.parser

from mini_infer.compiler import Options, lower
from mini_infer.ir import DType
from mini_infer.program.kernels import Axis, Batch, ContractionShape, Epilogue, Operation, Tile, TiledContraction, Types
from mini_infer.program.kernels.contraction.winograd import WinogradConv, WinogradShape
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.movement.copy import Copy
from mini_infer.program.kernels.reduction.mean_of_rows import MeanOfRows
from mini_infer.program.kernels.reduction.pool import AveragePool, MaxPool, PoolShape, Requantization
from mini_infer.program.kernels.reduction.quantized_mean import QuantizedMean
from mini_infer.program.kernels.reduction.quantized_softmax import QuantizedSoftmax
from mini_infer.program.kernels.reduction.reduction import Reduction
from mini_infer.program.kernels.sampling.resize import SampleNearest
from mini_infer.program.strides import dense_strides
from mini_infer.toolchain import Target

F32, F64, I16, I32, I64 = DType.FLOAT32, DType.FLOAT64, DType.INT16, DType.INT32, DType.INT64
BIASED = Epilogue(bias=True)
MEANING = Requantization(0.0123, 3, 0.0171, 5)
ADDED = Epilogue(bias=True, residual=True, expression=(Operation("Add", (0, 1), F32), Operation("Relu", (2,), F32)))


def outputs(size, window, stride=1, dilation=1, pads=(0, 0)):
    """How many windows there are along an axis."""
    return (size + sum(pads) - dilation * (window - 1) - 1) // stride + 1


def axes(sizes, windows, strides, dilations, pads, channels, columns, *, pools=(1, 1), last=True):
    """The axes of an image, channels last or first; pads are those before and after, of each axis."""
    counts = [outputs(*each) for each in zip(sizes, windows, strides, dilations, pads, strict=True)]
    stored = [count // pool for count, pool in zip(counts, pools, strict=True)]
    x_walk = [math.prod(sizes[axis + 1 :]) * (channels if last else 1) for axis in range(len(sizes))]
    y_walk = [math.prod(stored[axis + 1 :]) * (columns if last else 1) for axis in range(len(sizes))]
    given = zip(sizes, counts, windows, strides, dilations, pads, x_walk, y_walk, strict=True)
    return tuple(Axis(*each[:5], each[5][0], *each[6:]) for each in given)


def image(
    sizes,
    channels,
    columns,
    windows,
    *,
    strides=None,
    dilations=None,
    pads=None,
    groups=1,
    pools=None,
    last=True,
):
    """The shape of a convolution; channels and columns are those of all groups."""
    ones = (1,) * len(sizes)
    pools = pools or ones
    spatial = axes(
        sizes,
        windows,
        strides or ones,
        dilations or ones,
        pads or ((0, 0),) * len(sizes),
        channels,
        columns,
        pools=pools,
        last=last,
    )
    stored = math.prod(axis.output // pool for axis, pool in zip(spatial, pools, strict=True))
    walks = (1, 1) if last else (math.prod(sizes), stored)
    return ContractionShape(channels // groups, columns // groups, spatial, *walks, groups=groups)


def tiled(shape, width, *, rows=3, vectors=1, panel=2, epilogue=BIASED, types=None, **fields):
    """A convolution in tiles of so many rows and vectors."""
    return TiledContraction(
        shape, Tile(rows, vectors, width), panel, types=types or Types(), epilogue=epilogue, **fields
    )


def bytes_contracted(width):
    """Convolutions of bytes, whose zero points count beyond the borders."""
    around = ((1, 1), (1, 1))
    sums, lifted = Types(DType.UINT8, I32, I32), Types(DType.INT8, I32, I32, lifted=True)
    depthwise = image((9, 10), width + 5, width + 5, (3, 3), groups=width + 5, pads=around)
    return {
        "3x3 of bytes": tiled(image((9, 11), 8, width + 3, (3, 3), pads=around), width, types=sums, zero=7),
        "3x3 of signed bytes": tiled(image((9, 11), 8, width, (3, 3), pads=around), width, types=lifted, zero=-7),
        "stride 2 of three bytes": tiled(
            image((10, 9), 3, 2 * width, (3, 5), strides=(2, 2), pads=((1, 1), (2, 2))),
            width,
            vectors=2,
            types=sums,
            zero=255,
        ),
        "depthwise of bytes": tiled(depthwise, width, types=sums, across=True, zero=130),
    }


def contractions(width):
    """Convolutions and products for vectors of so many floats."""
    around = ((1, 1), (1, 1))
    same = {"pads": around, "strides": (1, 1)}
    doubles, halves = Types.of(F64), max(1, width // 2)
    return {
        "3x3": tiled(image((9, 11), 5, width + 3, (3, 3), **same), width),
        "3x3 with a residual": tiled(image((9, 11), 5, width, (3, 3), **same), width, epilogue=ADDED),
        "a single row": tiled(image((1, 8), 4, width, (3, 3), **same), width),
        "stride 2, ragged": tiled(image((10, 9), 3, 2 * width, (3, 3), strides=(2, 2), pads=around), width, vectors=2),
        "strides beyond the window": tiled(image((13, 13), 3, width, (2, 2), strides=(4, 3)), width),
        "asymmetric pads": tiled(image((7, 8), 3, width, (3, 5), pads=((2, 0), (0, 3))), width),
        "pads larger than a band": tiled(image((5, 5), 3, width, (7, 7), pads=((6, 5), (3, 3))), width),
        "pads of whole windows": tiled(image((4, 6), 3, width, (3, 3), pads=((5, 4), (4, 1))), width),
        "negative pads": tiled(image((12, 9), 3, width, (3, 3), pads=((-2, -3), (-1, 1))), width),
        "negative pads, stride 2": tiled(
            image((15, 9), 3, width, (3, 3), strides=(2, 1), pads=((-1, -2), (0, 0))), width
        ),
        "dilation": tiled(image((13, 12), 3, width, (3, 3), dilations=(3, 2), pads=((3, 3), (2, 2))), width),
        "dilation larger than the input": tiled(
            image((4, 9), 3, width, (3, 1), dilations=(6, 1), pads=((6, 6), (0, 0))), width
        ),
        "window over everything": tiled(image((6, 6), 3, width, (6, 6)), width),
        "channels first": tiled(image((9, 10), 3, width + 1, (3, 3), last=False, **same), width),
        "groups": tiled(image((8, 9), 6, 2 * width, (3, 3), groups=2, **same), width),
        "depthwise": tiled(image((9, 10), width + 5, width + 5, (3, 3), groups=width + 5, **same), width, across=True),
        "depthwise, of one vector": tiled(
            image((9, 15), width, width, (3, 5), dilations=(2, 1), pads=((1, 1), (2, 2)), groups=width),
            width,
            rows=7,
            panel=1,
            epilogue=Epilogue(),
            across=True,
        ),
        "of one channel to one": tiled(
            image((13, 8), 1, 1, (3, 3), strides=(2, 1), dilations=(2, 2), pads=((2, 2), (2, 2))),
            width,
            rows=6,
            epilogue=Epilogue(),
        ),
        "depthwise, stride 2": tiled(
            image((11, 10), 2 * width, 2 * width, (5, 5), strides=(2, 2), pads=((2, 1), (2, 2)), groups=2 * width),
            width,
            across=True,
        ),
        "along one axis": tiled(image((29,), 4, width, (3,), pads=((1, 1),)), width, rows=4),
        "along one axis, stride 3": tiled(image((40,), 4, width, (5,), strides=(3,), pads=((2, 0),)), width, rows=4),
        "three axes": tiled(image((5, 4, 6), 3, width, (3, 3, 3), pads=((1, 1),) * 3), width),
        "pooled": tiled(image((12, 12), 3, width, (3, 3), pools=(2, 2), **same), width, rows=4, pool=(2, 2)),
        "pooled, ragged": tiled(image((11, 13), 3, width, (3, 3), pools=(2, 3), **same), width, rows=6, pool=(2, 3)),
        "pooled, means": tiled(
            image((10, 8), 3, width, (3, 3), strides=(2, 1), pads=around, pools=(2, 2)),
            width,
            rows=4,
            pool=(2, 2),
            mean=True,
        ),
        "pieces of rows": tiled(image((7, 30), 3, width, (3, 3), **same), width, piece=2),
        "float64": tiled(image((7, 8), 3, halves + 1, (3, 3), **same), halves, types=doubles),
        "int16": tiled(
            image((7, 8), 4, width, (3, 3), **same), width, types=Types(I16, I32, I32), epilogue=Epilogue(bias=True)
        ),
        "deep": tiled(image((4, 5), 700, width, (1, 3)), width),
        "long sums of a large layer": tiled(image((24, 20), 300, 2 * width, (1, 1)), width, rows=4),
        "one row of sums": tiled(ContractionShape.matrix(7, width, 40, (40, 1, width)), width, rows=1),
        **{
            f"{count} rows of a product": tiled(
                ContractionShape.matrix(count, width + 2, 9, (9, 1, width + 2)), width, rows=4, epilogue=BIASED
            )
            for count in range(1, 14, 3)
        },
        **{
            f"{tail} pixels beyond whole tiles": tiled(
                image((12 + tail,), 6, 3 * width, (1,)), width, rows=6, vectors=2
            )
            for tail in range(6)
        },
        "weights as they are": tiled(
            ContractionShape.matrix(11, 2 * width, 7, (7, 1, 2 * width)), width, rows=4, b_row=2 * width
        ),
        "a long product": tiled(ContractionShape.matrix(9, width, 2500, (2500, 1, width)), width, rows=4),
    }


def winograds(width, size):
    """Winograd's convolutions in tiles of a size, one by one and in larger chunks."""
    found = {}
    for stride in (1, 2):
        for high, wide, pads in ((13, 9, ((1, 1), (1, 1))), (7, 18, ((0, 2), (1, 0))), (3, 8, ((2, 2), (1, 1)))):
            shape = image((high, wide), 6, width + 3, (3, 3), strides=(stride, stride), pads=pads)
            grid = math.prod(-(-axis.output // size) for axis in shape.axes)
            for tiles in {1, max(part for part in range(1, 7) if grid % part == 0)}:
                cut = WinogradShape(shape, size, Tile(3, 1, width), tiles)
                name = f"stride {stride}, {high} by {wide}, chunks of {tiles}"
                found[name] = WinogradConv(cut, ADDED if tiles == 1 else BIASED)
    pooled = image((16, 12), 5, width, (3, 3), pads=((1, 1), (1, 1)), pools=(2, 2))
    found["pooled"] = WinogradConv(WinogradShape(pooled, size, Tile(3, 1, width), 1), BIASED, (2, 2))
    deep = image((16, 16), 600, width, (3, 3), pads=((1, 1), (1, 1)))
    found["long sums of a large layer"] = WinogradConv(WinogradShape(deep, size, Tile(3, 1, width), 1), BIASED)
    return found


def pool_shape(sizes, windows, *, channels=3, strides=(1, 1), dilations=(1, 1), pads=((0, 0), (0, 0)), last=True):
    """The shape of a pool over one image."""
    spatial = axes(sizes, windows, strides, dilations, pads, channels, channels, last=last)
    count = math.prod(axis.output for axis in spatial)
    walks = (1, 1) if last else (math.prod(sizes), count)
    return PoolShape(1, channels, spatial, math.prod(sizes) * channels, walks[0], count * channels, walks[1])


def pools():
    """Pools of every kind."""
    around = ((1, 1), (1, 1))
    shapes = {
        "3x3": pool_shape((9, 8), (3, 3), pads=around),
        "2x2, stride 2": pool_shape((9, 8), (2, 2), strides=(2, 2), channels=16),
        "strides beyond the window": pool_shape((11, 10), (2, 2), strides=(5, 3), channels=9),
        "dilated": pool_shape((12, 9), (3, 3), dilations=(3, 2), pads=((3, 2), (1, 1))),
        "asymmetric": pool_shape((7, 7), (4, 3), strides=(3, 2), pads=((0, 3), (2, 0)), channels=17),
        "channels first": pool_shape((8, 19), (3, 3), pads=around, last=False),
    }
    below = pool_shape((10, 9), (3, 3), pads=((-2, -1), (0, 0)))
    found = {f"maximum, {name}": MaxPool(shape, F32) for name, shape in {**shapes, "negative pads": below}.items()}
    found |= {f"mean, {name}": AveragePool(shape, F32) for name, shape in shapes.items()}
    for name, shape in shapes.items():
        ends = tuple(axis.input + 1 for axis in shape.axes)
        found[f"mean with pads, {name}"] = AveragePool(shape, F32, ends)
        found[f"mean with pads before the end, {name}"] = AveragePool(
            shape, F32, tuple(axis.input - 2 for axis in shape.axes)
        )
    for dtype in (F64, DType.INT8, DType.UINT8, I32):
        found[f"maximum of {dtype.value}"] = MaxPool(shapes["asymmetric"], dtype)
    found["mean of float64"] = AveragePool(shapes["asymmetric"], F64)
    wide = pool_shape((9, 8), (3, 3), channels=70, strides=(2, 1), pads=around)
    for dtype in (DType.INT8, DType.UINT8):
        found[f"mean of {dtype.value}"] = AveragePool(shapes["asymmetric"], dtype, quantized=MEANING)
        found[f"mean of many channels of {dtype.value}"] = AveragePool(wide, dtype, quantized=MEANING)
        found[f"maximum of many channels of {dtype.value}"] = MaxPool(wide, dtype)
    return found


def elementwise():
    """Expressions over walks with and without gaps, broadcast, in place."""
    add = (Operation("Add", (0, 1), F32), Operation("Relu", (2,), F32))
    exp = (Operation("Exp", (0,), F32),)

    def over(shape, walks, target=None, expression=add, dtypes=None, in_place=()):
        dtypes = dtypes or (F32,) * len(walks)
        return Elementwise(shape, walks, dtypes, expression, in_place, target or dense_strides(shape))

    return {
        "two dense": over((5, 7, 9), ((63, 9, 1), (63, 9, 1))),
        "one flat": over((83,), ((1,),), expression=exp),
        "a gate": over((6, 35), ((35, 1), (0, 1)), expression=(Operation("Mul", (0, 1), F32),)),
        "shared by rows": over((6, 35), ((35, 1), (1, 0))),
        "transposed": over((6, 10), ((1, 6), (10, 1))),
        "written transposed": over((6, 10), ((10, 1), (10, 1)), (1, 6)),
        "with gaps": over((4, 5, 8), ((100, 20, 2), (40, 8, 1)), (200, 20, 2)),
        "in place": over((5, 33), ((33, 1), (33, 1)), in_place=(0,)),
        "both in place": over((5, 33), ((33, 1), (33, 1)), in_place=(0, 1)),
        "int64": over((7, 5), ((5, 1), (0, 1)), expression=(Operation("Mul", (0, 1), I64),), dtypes=(I64, I64)),
        "float64": over((7, 5), ((5, 1),), expression=(Operation("Exp", (0,), F64),), dtypes=(F64,)),
        "a cast": over((9, 17), ((17, 1),), expression=(Operation("Cast", (0,), DType.UINT8),), dtypes=(I32,)),
        "one row": over((1, 30), ((30, 1),), expression=exp),
    }


def copies():
    """Transposes, slices, fills, of every element size."""
    found = {
        "dense": Copy((6, 15), (15, 1), (15, 1), 4),
        "a transpose": Copy((12, 20), (1, 12), (20, 1), 4),
        "a transpose, written far": Copy((12, 20), (20, 1), (1, 12), 4),
        "three axes": Copy((5, 6, 7), (7, 35, 1), (42, 7, 1), 2),
        "a slice": Copy((4, 5), (40, 2), (5, 1), 4),
        "into a whole": Copy((4, 5), (5, 1), (30, 1), 8),
        "a fill": Copy((6, 9), (0, 0), (9, 1), 4),
        "rows repeated": Copy((6, 9), (0, 1), (9, 1), 1),
        "flipped inside": Copy((6, 9), (9, -1), (9, 1), 4),
    }
    return found | {f"{size} bytes": Copy((5, 11), (1, 5), (11, 1), size) for size in (1, 2, 4, 8)}


NORMALIZED = """
<ir_version: 10, opset_import: ["" : 21]>
normalized (float[7,33] x, double[5,20] d, float[4,6,5,3] image, int32[6,9] n, float[60,3] short) => (
    float[7,33] a, float[7,1] mean, float[7,1] factor, float[7,33] b, double[5,20] c, float[7,33] e, float[7] f,
    double[5,1] g, float[4,6,5,3] h, int32[6] i, float[4,5,3] j, float[4,6] k, float[7,33] l, float[60,3] m)
<float[33] scale = {SCALE}, float[33] shift = {SCALE}, float[6] s = {1,2,3,4,5,6}, float[3] three = {1,2,3},
 int64[1] last = {1}, int64[2] plane = {2,3}>
{
    a, mean, factor = LayerNormalization (x, scale, shift)
    b = Softmax (x)
    c = Softmax (d)
    e = LogSoftmax (x)
    f = ReduceMean <keepdims=0> (x, last)
    g = ReduceMax (d, last)
    h = GroupNormalization <num_groups=2> (image, s, s)
    i = ReduceSum <keepdims=0> (n, last)
    j = ReduceSum <keepdims=0> (image, last)
    k = ReduceProd <keepdims=0> (image, plane)
    m = LayerNormalization (short, three, three)
    t = Exp (x)
    l = Softmax (t)
}
""".replace("SCALE", ",".join(["1"] * 33))


def reductions(machine):
    """What lowering makes of normalizations and reductions, and the same in place."""
    options = Options(target=replace(Target.host(), machine=machine), rewrite=False, time_limit=0)
    program = lower(onnx.parser.parse_model(NORMALIZED), options).program
    kernels = [call.kernel for step in program.steps for call in step.calls]
    found = [kernel for kernel in kernels if isinstance(kernel, Reduction)]
    found += [replace(kernel, in_place=True) for kernel in found if kernel.result]
    return {f"reduction {number}": kernel for number, kernel in enumerate(found)}


def means():
    """Of rows that follow each other, and of some columns of more."""
    return {
        "one group": MeanOfRows(3, 7, 7, 3),
        "groups and a rest": MeanOfRows(49, 40, 40, 49),
        "with gaps": MeanOfRows(36, 33, 50, 36),
        "exact means of bytes": QuantizedMean(49, 40, 40, 49, DType.UINT8, MEANING, exact=True),
        "exact means with gaps": QuantizedMean(36, 133, 150, 36, DType.INT8, MEANING, exact=True),
        "softmax": QuantizedSoftmax(21, 40, 1, DType.UINT8, 255.0, 0),
        "softmax across": QuantizedSoftmax(4, 9, 37, DType.INT8, 256.0, -128),
        "means of what bytes mean": QuantizedMean(36, 70, 80, 36, DType.UINT8, MEANING, exact=False),
    }


def samples():
    """Rows picked twice each, and in no simple rule, of a tensor with channels last."""
    shape, strides, target = (1, 10, 6, 5), (60, 15, 5, 1), (300, 30, 5, 1)
    doubled = SampleNearest(shape, strides, target, (1, 2), (5, 3), F32, rows=tuple(row // 2 for row in range(10)))
    return {"doubled": doubled, "uneven": replace(doubled, rows=(0, 0, 0, 1, 1, 2, 4, 4, 4, 4))}


def images(found):
    """The same kernels over three images, each as far apart as one is long, and a little."""
    several = {}
    for name, kernel in found.items():
        first, last = kernel.operands()[0], next(each for each in kernel.operands() if each.name == "y")
        apart = [each.reach[1] // each.element_bytes + 3 for each in (first, last)]
        shape = kernel.shape
        if isinstance(shape, PoolShape):
            several[name] = replace(kernel, shape=replace(shape, batch=3, x_batch=apart[0], y_batch=apart[1]))
        elif isinstance(shape, WinogradShape):
            conv = replace(shape.conv, batch=(Batch(3, apart[0], 0, apart[1]),))
            several[name] = replace(kernel, shape=replace(shape, conv=conv))
        else:
            several[name] = replace(kernel, shape=replace(shape, batch=(Batch(3, apart[0], 0, apart[1]),)))
    return several


def families(machine):
    """All of them for a machine, by family and name."""
    width = machine.widths(4)[0]
    return {
        "contraction": {**contractions(width), **bytes_contracted(width)},
        "winograd 2": winograds(width, 2),
        "winograd 4": winograds(width, 4),
        "pool": pools(),
        "elementwise": elementwise(),
        "copy": copies(),
        "mean": means(),
        "sample": samples(),
        "images": images({**contractions(width), **bytes_contracted(width), **winograds(width, 4), **pools()}),
        "reduction": reductions(machine),
    }
