"""What is claimed about performance, measured: `python -m benchmarks`."""
