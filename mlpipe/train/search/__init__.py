"""The search: which parameters of the candidates are tried, in which order, and what came of it."""
