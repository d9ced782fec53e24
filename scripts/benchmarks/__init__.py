"""The benchmarks: what `scripts/bench` measures, on the same real parts that the service runs on.

Everything is bounded in number and time and stays on loopback, in a temporary folder.
"""
