"""Measurements, each with the raw engine beside ours, in one table. `make bench`, `make bench ONLY=writes`."""
