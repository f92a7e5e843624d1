"""Modules that other packages import by name."""
