"""Judging everything, learning nothing: one file for each protocol."""
