"""Float models as models of 8 bits, by onnxruntime's quantizer; and what that costs, output by output, layer by layer.

onnxruntime is imported when it is first used: the package does not need it.
"""

from mini_infer.quantization.layers import LayerLoss, layer_losses
from mini_infer.quantization.library import onnxruntime_quantization
from mini_infer.quantization.losses import Accuracy, OutputLoss, output_losses
from mini_infer.quantization.prepare import file_content
from mini_infer.quantization.quantizer import Quantized, Sample, quantize, quantized
from mini_infer.quantization.settings import ACTIVATIONS, FORMATS, RANGES, Settings

__all__ = [
    "ACTIVATIONS",
    "FORMATS",
    "RANGES",
    "Accuracy",
    "LayerLoss",
    "OutputLoss",
    "Quantized",
    "Sample",
    "Settings",
    "file_content",
    "layer_losses",
    "onnxruntime_quantization",
    "output_losses",
    "quantize",
    "quantized",
]
