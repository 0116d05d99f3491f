"""The vocabulary of ``train.models``: a model is a part that builds its estimator.

To add one: write its class in a file here, with a ``type`` and its parameters, and give it a place
in `mlpipe.train.models.written`. Everything else scikit-learn compatible is reached by its dotted
path: see `mlpipe.train.models.imported`.
"""

from mlpipe.train.models.changed import with_parameters
from mlpipe.train.models.dummy import Dummy
from mlpipe.train.models.linear import LinearRegression, LogisticRegression, Ridge
from mlpipe.train.models.model import Model
from mlpipe.train.models.trees import HistGradientBoosting, RandomForest
from mlpipe.train.models.written import MODELS, AnyModel

__all__ = [
    "MODELS",
    "AnyModel",
    "Dummy",
    "HistGradientBoosting",
    "LinearRegression",
    "LogisticRegression",
    "Model",
    "RandomForest",
    "Ridge",
    "with_parameters",
]
