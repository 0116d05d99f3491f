"""Support vectors: honest ones pass, counts that do not fit their arrays are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.svm import SVC, SVR, NuSVC, NuSVR

from mlpipe.bundle.model import Model
from mlpipe.bundle.vectors import check_vectors
from mlpipe.errors import StoreError
from tests.bundle.samples import fitted

X = np.random.default_rng(0).normal(size=(60, 3))
Y = X[:, 0]
TARGETS: list[tuple[Any, Any]] = [
    (SVC(), Y > 0),
    (SVC(), np.digitize(Y, [-0.5, 0.5])),
    (NuSVC(), Y > 0),
    (SVR(), Y),
    (NuSVR(), Y),
]


@pytest.mark.parametrize("make", [np.asarray, csr_matrix])
@pytest.mark.parametrize(("estimator", "y"), TARGETS)
def test_honest_vectors_pass(estimator: Any, y: Any, make: Any) -> None:
    check_vectors(estimator.fit(make(X), y))


def more(name: str) -> Any:
    return lambda svm: setattr(svm, name, getattr(svm, name).repeat(9, axis=-1))


CHANGES = {
    "support_": more("support_"),
    "_dual_coef_": more("_dual_coef_"),
    "_intercept_": more("_intercept_"),
    "_n_support": lambda svm: setattr(svm, "_n_support", svm._n_support * np.int32(99)),
    "negative": lambda svm: setattr(svm, "_n_support", svm._n_support - svm._n_support.sum()),
    "support_vectors_": more("support_vectors_"),
    "shape_fit_": lambda svm: setattr(svm, "shape_fit_", (60, 900)),
    "_probA": lambda svm: setattr(svm, "_probA", np.ones(7)),
    "classes_": lambda svm: setattr(svm, "classes_", np.arange(9)),
    "_sparse": lambda svm: setattr(svm, "_sparse", True),
    "dtype": lambda svm: setattr(svm, "_dual_coef_", svm._dual_coef_.astype("f4")),
    "missing": lambda svm: delattr(svm, "_n_support"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_tampered_counts_are_refused(change: str) -> None:
    model = fitted("svc", "multiclass")
    assert Model.loads(model.dumps())
    CHANGES[change](model.pipeline.named_steps["model"])
    with pytest.raises(StoreError, match="not as many as it says"):
        Model.loads(model.dumps())


def test_indices_of_sparse_vectors_stay_within_their_row() -> None:
    svm = SVC().fit(csr_matrix(X), Y > 0)
    svm.support_vectors_.indices[0] = 9999
    with pytest.raises(StoreError, match="not as many as it says"):
        check_vectors(svm)
