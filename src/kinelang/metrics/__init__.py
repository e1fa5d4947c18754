"""Figures by which models are judged: pure functions on arrays."""
