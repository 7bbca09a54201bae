"""The version: what the build made of the last tag, or that of sources which nobody has built."""

from importlib import import_module

try:
    __version__: str = import_module("mini_infer._version").version
except ModuleNotFoundError:
    __version__ = "0.1.0.dev0"
