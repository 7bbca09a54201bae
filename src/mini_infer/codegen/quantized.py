"""C of `QuantizationRange`."""

from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.machine import Machine
from mini_infer.program.kernels.quantized import QuantizationRange


def emit_quantization_range(kernel: QuantizationRange, _machine: Machine) -> Body:
    """Write the function of a `QuantizationRange`: one item. A tensor of zeros has the scale 1 / 255."""
    body = each_item(
        "float low = 0, high = 0;\n"
        f"for (long j = 0; j < {kernel.size}; ++j) {{\n"
        "  low = x[j] < low ? x[j] : low;\n"
        "  high = x[j] > high ? x[j] : high;\n"
        "}\n"
        "const float step = (low == high ? 1 : high - low) / 255;\n"
        "const float origin = -low / step;\n"
        "*scale = step;\n"
        "*zero = (uint8_t)__builtin_rintf(origin > 0 ? origin < 255 ? origin : 255 : 0);"
    )
    return Body("dynamic_range", body)
