"""What the spec names beside itself: data files, user code, packages, all of them part of keys."""

from collections.abc import Collection, Iterable, Iterator
from glob import escape

from mlpipe.features.transforms.by_path import ByPath
from mlpipe.ingest.source import Source
from mlpipe.ingest.spec import Ingest
from mlpipe.monitor.log.files import pattern
from mlpipe.pipeline import Pipeline, current_ingest
from mlpipe.run.secrets import opened_source, revealed
from mlpipe.train.models.boosters import Boosted
from mlpipe.train.models.ensembles import Stacking
from mlpipe.train.models.imported import Imported
from mlpipe.train.models.mitigated import ThresholdOptimizer

__all__ = [
    "any_columns",
    "current_files",
    "current_readers",
    "feature_code",
    "feature_libraries",
    "feedback_files",
    "feedback_readers",
    "ingest_code",
    "ingest_files",
    "ingest_readers",
    "judging_code",
    "log_files",
    "model_code",
    "model_libraries",
    "no_files",
    "no_libraries",
    "training_libraries",
    "trusted",
    "user_code",
    "word_files",
    "word_libraries",
]


def any_columns(_pipeline: Pipeline, _columns: Collection[str]) -> None:
    """Take the table as it is: the step finds its columns itself."""


def no_files(_pipeline: Pipeline) -> tuple[str, ...]:
    """Return nothing: the step reads artifacts alone."""
    return ()


def ingest_files(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the path patterns of the training data."""
    return revealed(pipeline.ingest).paths()


def current_files(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the path patterns of the current data."""
    current = pipeline.monitor.current if pipeline.monitor else None
    if current and current.log:
        labels = revealed(current_ingest(pipeline) or pipeline.ingest).labels
        return (pattern(current.log), *([labels.pattern] if labels and labels.pattern else []))
    section = current_ingest(pipeline)
    return revealed(section).paths() if section else ()


def log_files(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the path patterns of the prediction log."""
    source = pipeline.monitor.log_source if pipeline.monitor else None
    return (pattern(source.path),) if source else ()


def ingest_readers(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the distributions that read the training data, beside those that always do."""
    return _readers(pipeline.ingest)


def current_readers(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the distributions that read the current data, beside those that always do."""
    section = current_ingest(pipeline)
    return _readers(section) if section else ()


def feedback_files(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the path patterns of the answers of customers."""
    sources = map(opened_source, _feedback(pipeline))
    return tuple(one.pattern for one in sources if one.pattern is not None and not one.is_remote)


def feedback_readers(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the distributions that read the answers, beside those that always do."""
    return _readers_of(_feedback(pipeline))


def _feedback(pipeline: Pipeline) -> list[Source]:
    return [Source.read(values) for values in pipeline.evaluate.feedback_sources().values()]


def _readers(section: Ingest) -> tuple[str, ...]:
    return _readers_of([*section.sources.values(), *([section.labels] if section.labels else [])])


def _readers_of(origins: Iterable[Source]) -> tuple[str, ...]:
    formats = {one.format_of(one.path) for one in origins if one.path is not None}
    return ("python-calamine",) if "excel" in formats else ()


def ingest_code(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the file of the user's function that shapes the table."""
    named = pipeline.ingest.python
    return (named.rpartition(":")[0],) if named else ()


def feature_code(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the files of the user's functions, and of transformers of the user's own."""
    named = (block.python for block in pipeline.featurize.blocks if block.python)
    functions = tuple(name.rpartition(":")[0] for name in named)
    return (*functions, *_files(_feature_packages(pipeline)))


def onnx_libraries(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the distributions that make the ONNX graph, where one is asked for.

    Raises
    ------
    SpecError
        If they are not installed: said before anything is computed.
    """
    if pipeline.bundle.asked_onnx() is None:
        return ()
    from mlpipe.bundle.onnx.session import EXTRA, require_extra

    require_extra()
    return EXTRA


def no_libraries(_pipeline: Pipeline) -> tuple[str, ...]:
    """Return nothing: the step calls no packages but those of its row."""
    return ()


def trusted(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the packages of what is named by dotted path: the spec that names it is consent.

    Transformers of scikit-learn are not among them: its public ones need no trust.
    """
    return tuple(sorted({*_model_packages(pipeline), *_feature_packages(pipeline)}))


def _model_packages(pipeline: Pipeline) -> set[str]:
    return {model.package for model in _models(pipeline) if isinstance(model, Imported)}


def _feature_packages(pipeline: Pipeline) -> set[str]:
    words = pipeline.featurize.transforms()
    return {word.package for word in words if isinstance(word, ByPath) and word.foreign}


def _models(pipeline: Pipeline) -> Iterator[object]:
    """Yield every model of the spec, the last ones of stacks among them."""
    for model in pipeline.train.models.values():
        yield model
        if isinstance(model, Stacking):
            yield model.final


def model_libraries(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the distributions of boosters, and of what is named by dotted path."""
    boosters = (each.package for each in _models(pipeline) if isinstance(each, Boosted))
    return _distributions({*trusted(pipeline), *boosters})


def feature_libraries(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the distributions of the transformers that are named by dotted path."""
    return _distributions(_feature_packages(pipeline))


def _distributions(packages: Collection[str]) -> tuple[str, ...]:
    if not packages:
        return ()
    from importlib.metadata import packages_distributions

    known = packages_distributions()
    return tuple(sorted({name for package in packages for name in known.get(package, ())}))


def training_libraries(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the distributions that the models come from, and what proposes their parameters."""
    search = pipeline.train.search
    proposing = ("optuna",) if search is not None and search.method == "optuna" else ()
    fair = any(isinstance(model, ThresholdOptimizer) for model in _models(pipeline))
    return (*model_libraries(pipeline), *proposing, *(("fairlearn",) if fair else ()))


def user_code(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the files of all user code that a bundle runs: its table, its features and itself."""
    return (*ingest_code(pipeline), *feature_code(pipeline), *model_code(pipeline))


def judging_code(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the files of all user code that judging runs: of the model, metrics, changed rows."""
    changes = (test.change.python for test in pipeline.evaluate.behaviour if test.change)
    changing = (name.rpartition(":")[0] for name in changes if name)
    metrics = (each.path for each in pipeline.evaluate.custom)
    return tuple(dict.fromkeys((*user_code(pipeline), *metrics, *changing)))


def model_code(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the files of models that come from no distribution: they are the user's own."""
    return _files(_model_packages(pipeline))


def _files(packages: Collection[str]) -> tuple[str, ...]:
    if not packages:
        return ()
    from importlib.metadata import packages_distributions
    from importlib.util import find_spec

    known = packages_distributions()
    specs = (find_spec(package) for package in sorted(packages) if package not in known)
    return tuple(spec.origin for spec in specs if spec is not None and spec.origin is not None)


def word_files(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the path patterns of the files that steps of featurize read: models of texts."""
    folders = (folder for word in pipeline.featurize.transforms() for folder in word.folders())
    return tuple(f"{escape(folder)}/**" for folder in folders)


def word_libraries(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the distributions that steps of featurize call beside those that all of them do.

    One that is not installed is left out: featurize refuses its step, with the hint to install it.
    """
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for word in pipeline.featurize.transforms():
        for name in word.distributions:
            try:
                version(name)
            except PackageNotFoundError:
                continue
            found.append(name)
    return tuple(found)
