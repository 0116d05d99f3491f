# ruff: noqa: TID253 - defines a scikit-learn estimator; imported lazily
"""What the boosting libraries have in common here: one thread, one seed, a model that is text."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import contextmanager
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from mlpipe.errors import Problem, SpecError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[Any]

__all__ = ["Booster", "Examples", "require"]

_LOADED = "_loaded"


class Examples(NamedTuple):
    """Rows to learn from, or to stop by: features, class codes or numbers, and weights."""

    X: Array
    y: Array
    weight: Array | None = None


def require(package: str, extra: str) -> Any:
    """Import a boosting library.

    Raises
    ------
    SpecError
        If it is not installed, with the command that installs it.
    """
    try:
        return import_module(package)
    except ImportError as error:
        message = f"{package} is not installed"
        raise SpecError(Problem(message, hint=f"pip install 'mlpipe[{extra}]'")) from error


class Booster(BaseEstimator):  # type: ignore[misc]
    """Boosted trees of a library, kept as the text that the library itself writes.

    The fitted model is turned into text before it predicts anything, so what is scored in
    training is what a bundle holds.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
    parameters : dict, optional
        The library's own, by its own names.
    seed : int

    Attributes
    ----------
    model_ : bytes
        The model as the library writes it.
    rounds_ : int
        How many rounds of trees it has.
    classes_ : array of shape (n_classes,)
        The class codes it has seen; not of regression.
    n_features_in_ : int
    """

    package: ClassVar[str]
    extra: ClassVar[str]
    refusal: ClassVar[str]
    """The library's own error, which is no ValueError to Python."""

    def __init__(
        self, task: str = "binary", parameters: dict[str, Any] | None = None, seed: int = 0
    ) -> None:
        self.task = task
        self.parameters = parameters
        self.seed = seed

    def fit(
        self,
        X: Array,
        y: Array,
        sample_weight: Array | None = None,
        watched: Examples | None = None,
        patience: int | None = None,
        monotonic: list[int] | None = None,
    ) -> Self:
        """Learn from X of shape (n, features) and y of shape (n,).

        Parameters
        ----------
        sample_weight : array of shape (n,), optional
        watched : Examples, optional
            Rows beside those, by which it is seen when to stop.
        patience : int, optional
            After so many rounds without a better score on them.
        monotonic : list of {-1, 0, 1}, optional
            For each feature, which way the prediction may go with it.

        Raises
        ------
        SpecError
            If the library is not installed.
        """
        library = require(self.package, self.extra)
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        codes = np.asarray(y, float)
        if self.task != "regression":
            self.classes_, codes = np.unique(y, return_inverse=True)
        stop = None if watched is None else (self._known(watched), patience or 10)
        examples = Examples(X, codes, sample_weight)
        self.__dict__.pop(_LOADED, None)
        with self._in_words(library):
            self.model_, self.rounds_ = self._train(library, examples, stop, monotonic)
        return self

    def predict(self, X: Array) -> Array:
        """Return the values, or the likeliest classes, shape (n,)."""
        raw = self._raw(X)
        if self.task == "regression":
            return raw[:, 0]
        at = np.argmax(_probabilities(raw), axis=1)
        return self.classes_[at]  # type: ignore[no-any-return]

    @available_if(lambda self: self.task != "regression")  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Array) -> Array:
        """Return the probability of each of ``classes_``, shape (n, n_classes)."""
        return _probabilities(self._raw(X))

    def check(self) -> None:
        """Refuse a model text in which a tree points outside itself: libraries do not look.

        Raises
        ------
        StoreError
            If it is not such a text as `fit` keeps.
        """
        try:
            sound = self._sound(int(self.n_features_in_), self._outputs())
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, UnicodeError):
            sound = False
        if not sound:
            raise StoreError(
                Problem(
                    f"the {self.package} model holds a tree that is not sound",
                    hint="the file was made to crash whoever predicts with it; do not use it",
                )
            )

    @abstractmethod
    def _train(
        self,
        library: Any,
        examples: Examples,
        stop: tuple[Examples, int] | None,
        monotonic: list[int] | None,
    ) -> tuple[bytes, int]:
        """Return the model as text, and its rounds."""

    @abstractmethod
    def _load(self, library: Any) -> Any:
        """Return the library's own object of the text."""

    @abstractmethod
    def _margins(self, library: Any, loaded: Any, X: Array) -> Array:
        """Return what the trees add up to, shape (n,) or (n, n_outputs)."""

    @abstractmethod
    def _sound(self, width: int, outputs: int) -> bool:
        """Whether every index in the text stays within its bounds."""

    def _raw(self, X: Array) -> Array:
        check_is_fitted(self, "model_")
        X = check_array(X, dtype=np.float64, ensure_all_finite="allow-nan")
        if X.shape[1] != self.n_features_in_:
            raise ValueError(f"the model has {self.n_features_in_} features, not {X.shape[1]}")
        library = require(self.package, self.extra)
        with self._in_words(library):
            if _LOADED not in self.__dict__:
                self.__dict__[_LOADED] = self._load(library)
            margins = np.asarray(self._margins(library, self.__dict__[_LOADED], X), float)
        return margins.reshape(len(X), -1)

    @contextmanager
    def _in_words(self, library: Any) -> Iterator[None]:
        """Raise what the library refuses as scikit-learn does: as a ValueError."""
        try:
            yield
        except attrgetter(self.refusal)(library) as error:
            said = " ".join(str(error).split())
            raise ValueError(f"{self.package} says: {said}") from error

    def _outputs(self) -> int:
        """Return how many sums of trees there are: one, or one for each of many classes."""
        many = self.task != "regression" and len(self.classes_) > 2
        return len(self.classes_) if many else 1

    def _known(self, watched: Examples) -> Examples:
        """Leave out rows of classes that the model does not know; others by their position."""
        X = np.asarray(watched.X, float)
        if self.task == "regression":
            return Examples(X, np.asarray(watched.y, float), watched.weight)
        keep = np.isin(watched.y, self.classes_)
        weight = None if watched.weight is None else watched.weight[keep]
        return Examples(X[keep], np.searchsorted(self.classes_, watched.y[keep]), weight)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the library's object out: it is made of the text again."""
        return {name: value for name, value in self.__dict__.items() if name != _LOADED}

    def __sklearn_tags__(self) -> Any:
        """Say what it is: missing values are taken."""
        from sklearn.utils import ClassifierTags, RegressorTags

        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = True
        if self.task == "regression":
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        else:
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        return tags


def _probabilities(raw: Array) -> Array:
    from scipy.special import expit, softmax

    if raw.shape[1] > 1:
        return np.asarray(softmax(raw, axis=1))
    positive = expit(raw[:, 0])
    return np.column_stack([1 - positive, positive])
