"""What a bundle may hold: a fixed list of types. A file never widens it; a caller may.

Beside the types below stand those that skops trusts itself: plain values, containers, numpy
arrays and ufuncs, and scikit-learn's own public estimators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CODE", "TRUSTED", "loads"]

TRUSTED = (
    "builtins.frozenset",
    "collections.OrderedDict",
    "datetime.timedelta",
    "mlpipe.bundle.boosters.catboost.CatBoostBooster",
    "mlpipe.bundle.boosters.lightgbm.LightGBMBooster",
    "mlpipe.bundle.boosters.xgboost.XGBoostBooster",
    "mlpipe.bundle.calibration.Sigmoid",
    "mlpipe.bundle.combined.Blend",
    "mlpipe.bundle.combined.Stack",
    "mlpipe.bundle.mitigated.GroupThresholds",
    "mlpipe.features.estimators.age.Elapsed",
    "mlpipe.features.estimators.calendar.Calendar",
    "mlpipe.features.estimators.components.Components",
    "mlpipe.features.estimators.cooccurrence.Companions",
    "mlpipe.features.estimators.curves.Curves",
    "mlpipe.features.estimators.encoder.FeatureEncoder",
    "mlpipe.features.estimators.gaps.NoGaps",
    "mlpipe.features.estimators.intervals.Intervals",
    "mlpipe.features.estimators.categories.LevelCounts",
    "mlpipe.features.estimators.categories.LevelHashes",
    "mlpipe.features.estimators.levels.OneHotLevels",
    "mlpipe.features.estimators.numbers.Bounds",
    "mlpipe.features.estimators.numbers.Logarithm",
    "mlpipe.features.estimators.products.Products",
    "mlpipe.features.estimators.rows.Directions",
    "mlpipe.features.estimators.rows.Ranks",
    "mlpipe.features.estimators.selection.Selected",
    "mlpipe.features.estimators.spellings.Spellings",
    "mlpipe.features.estimators.target_statistics.TargetStatistics",
    "mlpipe.features.estimators.holidays.HolidayDistances",
    "mlpipe.features.estimators.numbers.Bounds",
    "mlpipe.features.estimators.numbers.Logarithm",
    "mlpipe.features.estimators.sentences.SentenceVectors",
    "mlpipe.features.estimators.text.TextCounts",
    "mlpipe.features.estimators.text.TextWeights",
    "mlpipe.features.estimators.text_shape.TextHashes",
    "mlpipe.features.estimators.text_shape.TextMeasures",
    "mlpipe.features.estimators.typed.Typed",
    "mlpipe.features.estimators.wrapped.Wrapped",
    "numpy.dtype",
    "scipy.interpolate._bsplines.BSpline",
    "scipy.sparse._csr.csr_matrix",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.feature_extraction.text.TfidfTransformer",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.model_selection._split.KFold",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
)
"""Types that what mlpipe builds is made of. Trees are checked apart: see `mlpipe.bundle.trees`."""

CODE = ("mlpipe.features.estimators.python.PythonColumns",)
"""Types that run source out of the file: only where the caller consents to code."""


_HINT = "it is damaged, or no model of ours"


def loads(data: bytes, *, allow_code: bool = False, trust: Iterable[str] = ()) -> Any:
    """Return what a skops file holds, if it holds nothing but trusted types.

    Parameters
    ----------
    data : bytes
        The file.
    allow_code : bool
        Whether Python source that the file carries may run.
    trust : iterable of str
        Further types, or packages whose types, the caller answers for: ``lightgbm``.

    Raises
    ------
    StoreError
        If it holds another type, or is not a skops file.
    """
    _check_members(data)
    try:
        return _loaded(data, {*TRUSTED, *(CODE if allow_code else ())}, tuple(trust))
    except StoreError:
        raise
    except Exception as error:  # whatever a hostile file makes the readers below raise
        message = f"the model cannot be read: {type(error).__name__}: {error}"
        raise StoreError(Problem(message, hint=_HINT)) from error


def _loaded(data: bytes, known: set[str], trust: tuple[str, ...]) -> Any:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    found = skops.io.get_untrusted_types(data=data)
    # The names in the file only say what to refuse: what is passed on is known or consented.
    consented = {name for name in found if _is_under(name, trust)}
    refused = sorted(set(found) - known - consented)
    if refused:
        raise StoreError(*(_refusal(name) for name in refused))
    try:
        return skops.io.loads(data, trusted=sorted(known | consented))
    except UntrustedTypesFoundException as error:
        raise StoreError(Problem(f"the model holds types that are not trusted: {error}")) from error


def _check_members(data: bytes) -> None:
    """Refuse a zip that grows when it is read: the members of ours are stored as they are."""
    from io import BytesIO
    from zipfile import ZIP_STORED, BadZipFile, ZipFile

    try:
        with ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        message = f"the model cannot be read: it is no skops file: {error}"
        raise StoreError(Problem(message, hint=_HINT)) from error
    stored = all(each.compress_type == ZIP_STORED for each in members)
    # Entries that overlap would count some bytes of the file more than once.
    if not stored or sum(each.file_size for each in members) > len(data):
        what = "the model unpacks to more than the file holds"
        raise StoreError(Problem(what, hint=_HINT))


def _is_under(name: str, trust: Iterable[str]) -> bool:
    return any(name == entry or name.startswith(f"{entry}.") for entry in trust)


def _refusal(name: str) -> Problem:
    if name in CODE:
        return Problem(
            "the model carries Python code of its author",
            key=name,
            hint="read its plan.json; load it with allow_code=True if you want to run that code",
        )
    package = name.partition(".")[0]
    return Problem(
        f"the model holds a type that is not trusted: {name}",
        key=name,
        hint=f"if you know where the file comes from, load it with --trust, or trust=['{package}']",
    )
