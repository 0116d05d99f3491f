"""How a model treats groups of people: the rates of each, and how far apart they are."""

from mlpipe.metrics.fairness.disparity import DISPARITIES, Disparity, DisparityName, disparities_of
from mlpipe.metrics.fairness.rates import RATES, Rate, group_rates, rates_of

__all__ = [
    "DISPARITIES",
    "RATES",
    "Disparity",
    "DisparityName",
    "Rate",
    "disparities_of",
    "group_rates",
    "rates_of",
]
