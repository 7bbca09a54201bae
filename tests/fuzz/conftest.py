import sys

if sys.platform != "linux":  # its workers are watched through /proc
    collect_ignore_glob = ["*.py"]
