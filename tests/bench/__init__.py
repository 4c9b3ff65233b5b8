"""Benchmarks: `make bench`. Each prints one JSON line; docs/reference/benchmarks.md says how each is measured."""
