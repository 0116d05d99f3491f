"""How two tables differ: their columns, their rows, and how each column has moved."""
