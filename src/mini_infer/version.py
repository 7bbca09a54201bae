"""The version: what the build made of the last tag, or that of sources which nobody has built."""

try:
    from mini_infer._version import version as __version__
except ModuleNotFoundError:
    __version__ = "0.1.0.dev0"
