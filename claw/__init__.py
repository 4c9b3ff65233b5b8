"""Claw: one program that runs the house."""

__version__ = "0.1.0"
