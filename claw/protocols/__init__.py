"""One wire per file, each behind the same `Binding`."""
