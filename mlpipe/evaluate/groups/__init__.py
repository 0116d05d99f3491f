"""How the model treats groups of people: tables of rates, disparities, the four-fifths rule."""

from mlpipe.evaluate.groups.grouping import Grouping, asked, groupings
from mlpipe.evaluate.groups.table import fairness_report, gaps

__all__ = ["Grouping", "asked", "fairness_report", "gaps", "groupings"]
