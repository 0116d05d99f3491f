"""The ``train`` section of the spec."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from mlpipe.metrics.scores import SomeName, UnscaledName
from mlpipe.spec.names import distinct_ignoring_case
from mlpipe.spec.part import OneOf, Part, Word
from mlpipe.train.asked import Curve, CurveAsked, Permutations, PermutationsAsked
from mlpipe.train.models import AnyModel, HistGradientBoosting, LogisticRegression, Ridge
from mlpipe.train.models.ensembles import Ensemble
from mlpipe.train.search.spec import Search
from mlpipe.train.target_transform import AnyTargetTransform

__all__ = ["Decide", "Maximize", "Threshold", "Top", "Train"]

DEFAULT_SELECT: Mapping[str, str] = {
    "binary": "roc_auc",
    "multiclass": "f1_macro",
    "regression": "rmse",
}


class Threshold(Word):
    """Positive from a score on."""

    word: ClassVar[str] = "threshold"
    main: ClassVar[str | None] = "at"

    at: Annotated[float, Field(ge=0, le=1)]
    """The score from which a row counts as positive."""


class Top(Word):
    """Positive is as much as there is capacity for."""

    word: ClassVar[str] = "top"
    main: ClassVar[str | None] = "rows"

    rows: Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)]
    """How many of the rows that the threshold is learned on, or what share of them."""


class Maximize(Word):
    """The threshold at which a metric is best."""

    word: ClassVar[str] = "maximize"
    main: ClassVar[str | None] = "metric"

    metric: SomeName
    """A metric of labels (f1, precision, …), or the name of a business metric."""


Decide = Annotated[Threshold | Top | Maximize, OneOf(Threshold, Top, Maximize)]


def _some_or_none(folds: int) -> int:
    if folds == 1:
        raise PydanticCustomError(
            "folds", "one fold is none", {"hint": "0 compares on the valid part; else at least 2"}
        )
    return folds


ModelName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,62}$")]


class Train(Part):
    """Which models are compared, over what, and what becomes of the best."""

    models: Annotated[dict[ModelName, AnyModel], AfterValidator(distinct_ignoring_case)] = Field(
        default_factory=dict
    )
    """The candidates by name; left out, a linear model and boosted trees."""
    search: Search | None = None
    """Which parameters of them are searched; left out, each is taken as it is written."""
    folds: Annotated[int, Field(ge=0, le=50), AfterValidator(_some_or_none)] = 5
    """How many folds of the train part, of the kind that split says; 0 compares on valid."""
    select: UnscaledName | None = None
    """The metric that chooses; left out, roc_auc, f1_macro or rmse by task."""
    calibrate: Literal["none", "isotonic", "sigmoid"] = "none"
    """Bend scores into probabilities, learned from predictions out of fold."""
    decide: Decide = Threshold(at=0.5)
    """From which score on a row counts as positive; of binary tasks only."""
    refit: bool = True
    """Fit the final model on train and valid together; valid is still scored without itself."""

    target: AnyTargetTransform | None = None
    """The scale that a regression learns the target on: log, log1p, sqrt, quantile; predictions
    and metrics are in its own units."""
    learning_curve: CurveAsked = False
    """Fit the chosen model on growing shares too, and tell whether more rows would help."""
    importance: PermutationsAsked = Permutations()
    """How much the model rests on each column, by shuffling it; false leaves it out."""

    def asked_curve(self) -> Curve | None:
        """Return the shares of the learning curve; None where none is asked for."""
        if isinstance(self.learning_curve, Curve):
            return self.learning_curve
        return Curve() if self.learning_curve else None

    def candidates(self, task: str) -> dict[str, AnyModel]:
        """Return the models to compare, by name: those declared, or a pair that suits the task."""
        if self.models:
            return dict(self.models)
        linear = Ridge() if task == "regression" else LogisticRegression()
        return {"linear": linear, "boosted": HistGradientBoosting()}

    def families(self, task: str) -> dict[str, str]:
        """Return the family of each candidate, by name: what `featurize` plans by."""
        return {
            name: model.family
            for name, model in self.candidates(task).items()
            if not isinstance(model, Ensemble)  # its members have features, it has none
        }

    def metric(self, task: str) -> str:
        """Return the name of the metric that chooses."""
        return self.select or DEFAULT_SELECT[task]
