"""The searches, compiled by numba: only imported where a problem needs them.

Everything here works on integer arrays over *sections* (see `table`), never on buffers.
"""
