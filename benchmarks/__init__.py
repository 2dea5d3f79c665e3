"""What is claimed about performance, measured in one run: `python -m benchmarks`.

Machines differ and are noisy, so durations are compared with those of something empty on the same machine: the two
sides take turns, each pair gives one ratio, and the median of the ratios is the figure. No figure fails a run; a
promise that does not hold is marked.
"""
