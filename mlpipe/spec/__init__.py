"""Strict YAML with line marks, overrides and interpolation; knows no ML."""
