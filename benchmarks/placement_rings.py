"""Seeded placement problems of streams: chains of convolutions unrolled in bands of rows, with no known optimum."""

import random
from dataclasses import dataclass, field

from mini_infer.memory import Buffer, Problem


@dataclass
class Layer:
    """A layer whose bands of `height` rows read `stride` times as many of the layer before, and a halo.

    `bands` has, for each band made so far, the step that made it and the last one that read it.
    """

    bytes_per_row: int
    height: int
    stride: int
    halo: int
    bands: list[list[int]] = field(default_factory=list)

    def rows_read(self, band: int) -> tuple[int, int]:
        """The rows `[first, last)` of the layer before that a band needs."""
        first = band * self.height * self.stride
        return first - self.halo, first + self.height * self.stride + self.halo


@dataclass
class Stream:
    """A chain of layers, made band by band as the last one asks for them; `copies` are buffers of one step."""

    layers: list[Layer]
    bands: int
    copied: bool
    step: int
    copies: list[tuple[int, int, int]] = field(default_factory=list)

    def make(self, depth: int, rows: int) -> None:
        """Make bands of a layer until it has so many rows, or all of them."""
        layer = self.layers[depth]
        while len(layer.bands) * layer.height < rows and len(layer.bands) < self.bands:
            first, last = layer.rows_read(len(layer.bands))
            if depth:
                self.make(depth - 1, last)
            self.step += 1
            if depth:
                before = self.layers[depth - 1]
                read = before.bands[max(first // before.height, 0) : -(-last // before.height)]
                if self.copied:
                    size = before.bytes_per_row * (last - max(first, 0))
                    self.copies.append((self.step, self.step + 1, size))
                for band in read:
                    band[1] = self.step
                self.step += self.copied
            layer.bands.append([self.step, self.step])

    def buffers(self) -> list[tuple[int, int, int]]:
        """Start, end and size of all bands but the last layer's, and of the copies."""
        bands = [
            (made, read + 1, layer.bytes_per_row * layer.height)
            for layer in self.layers[:-1]
            for made, read in layer.bands
        ]
        return bands + self.copies


def rings(count: int, seed: int) -> Problem:
    """Unroll chains one after another until there are `count` buffers: rings of short lives, and whole outputs.

    A band is made when the next layer asks for its rows and dies after the last band that reads them; bands that
    are read together may be copied into one buffer first, as by Concat in ONNX. The last layer of a chain fills one
    buffer, which the next chain reads.
    """
    chance = random.Random(seed)
    buffers: list[tuple[int, int, int]] = []
    step = 0
    while len(buffers) < count:
        layers: list[Layer] = []
        height = chance.choice((1, 2, 4))
        for _ in range(chance.randrange(2, 7)):  # from the last to the first
            bytes_per_row = 64 * chance.choice((7, 12, 16, 24, 32, 56, 96, 144))
            layer = Layer(bytes_per_row, height, stride=chance.choice((1, 1, 1, 2)), halo=chance.choice((0, 1, 1, 2)))
            layers.insert(0, layer)
            height *= layer.stride
        stream = Stream(layers, chance.randrange(8, 40), chance.random() < 0.5, step)
        rows = stream.bands * layers[-1].height
        stream.make(len(layers) - 1, rows)
        buffers += stream.buffers()
        buffers.append((step + 1, stream.step + chance.randrange(1, 30), layers[-1].bytes_per_row * rows))
        step = stream.step
    return Problem(tuple(Buffer(str(i), size, start, end, 64) for i, (start, end, size) in enumerate(buffers[:count])))
