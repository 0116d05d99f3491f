"""Score functions, intervals, fairness, business value and baselines; used by every stage."""
