"""The wiring: for each step, its slices of the spec and its inputs to its pure function.

Stages do not know each other; what one needs of another is handed over here.
"""
