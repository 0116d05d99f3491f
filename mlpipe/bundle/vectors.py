"""Support vectors in a file that may be hostile: libsvm copies them by counts that it is told."""

from __future__ import annotations

from typing import Any

from mlpipe.errors import Problem, StoreError

__all__ = ["check_vectors", "has_vectors"]

_OF_LIBSVM = frozenset({"SVC", "SVR", "NuSVC", "NuSVR", "OneClassSVM"})


def has_vectors(value: Any) -> bool:
    """Whether libsvm predicts for it."""
    cls = type(value)
    return cls.__name__ in _OF_LIBSVM and cls.__module__ == "sklearn.svm._classes"


def check_vectors(estimator: Any) -> None:
    """Hold every count against the arrays that it counts.

    Parameters
    ----------
    estimator : estimator of sklearn.svm
        Fitted.

    Raises
    ------
    StoreError
        If libsvm would read past the end of an array.
    """
    try:
        sound = _sound(estimator)
    except (AttributeError, TypeError, ValueError, IndexError):
        sound = False
    if not sound:
        raise StoreError(
            Problem(
                "the model holds support vectors that are not as many as it says",
                hint="the file was made to crash whoever predicts with it; do not use it",
            )
        )


def _sound(estimator: Any) -> bool:
    held, width = estimator.support_vectors_.shape
    # A regression is two classes to libsvm; how many vectors each has says nothing there.
    labels = getattr(estimator, "classes_", None)
    classes, counts = 2 if labels is None else len(labels), estimator._n_support
    counted = labels is None or ((counts >= 0).all() and counts.sum(dtype="int64") == held)
    pairs = classes * (classes - 1) // 2
    curves = {len(estimator._probA), len(estimator._probB)}
    return bool(
        len(estimator.support_) == held
        and width == estimator.n_features_in_ == estimator.shape_fit_[1]
        and len(counts) == classes
        and counted
        and estimator._intercept_.shape == (pairs,)
        and curves in ({0}, {pairs})
        and _cells(estimator, classes - 1, held)
    )


def _cells(estimator: Any, rows: int, held: int) -> bool:
    """Whether vectors and coefficients are as large as their shapes say."""
    import numpy as np
    from scipy.sparse import issparse

    vectors, dual = estimator.support_vectors_, estimator._dual_coef_
    if estimator._sparse:
        for each in (vectors, dual):
            each.check_format(full_check=True)
        # libsvm takes the coefficients for dense: as many as the shape has places.
        return bool(len(dual.data) == rows * held and dual.shape == (rows, held))
    arrays = (vectors, dual, estimator._intercept_)
    plain = all(isinstance(each, np.ndarray) and each.dtype == np.float64 for each in arrays)
    return plain and not issparse(vectors) and dual.shape == (rows, held)
