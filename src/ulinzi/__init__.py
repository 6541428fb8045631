"""Ulinzi: protection of civilians, from the missed call to the lesson learned."""

__version__ = "0.1.0"
