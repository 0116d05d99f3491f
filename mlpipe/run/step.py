"""What a step is: what it reads of the spec, stands on, and calls; and what its verdict means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.pipeline import Pipeline
from mlpipe.run import named
from mlpipe.run.formats import read_json
from mlpipe.run.words import words

if TYPE_CHECKING:
    from mlpipe.run.store import Artifact
    from mlpipe.run.task import Task

__all__ = ["TABLES", "Step"]

TABLES = ("duckdb", "ibis-framework", "pyarrow", "sqlglot")
FEATURES = frozenset({"featurize", "bundle"})
"""The steps whose artifacts hold what makes features."""

_VERDICTS = {
    "validate": ("report", "status", ("failed",)),
    "evaluate": ("verdict", "status", ("failed",)),
    "monitor": ("report", "exit", ("fail",)),
}
"""step -> the document, its field, and the values that make the command exit with 1."""


@dataclass(frozen=True)
class Step:
    """One row of the table.

    Attributes
    ----------
    name : str
        What the user sees, and the folder its artifacts are kept in.
    run : callable
        From a `Task` to outputs by name.
    version : int
        Raised when the step computes something else from the same inputs.
    reads : tuple of str
        The slices of the spec that it sees, as dotted paths.
    needs : tuple of str
        The steps whose artifacts it reads.
    after : tuple of str
        The steps that must have passed first, without being read.
    libraries : tuple of str
        The distributions whose versions can change its result.
    sources : callable
        The path patterns of the files it reads, out of the spec.
    code : callable
        The files of user code that it calls, out of the spec.
    packages : callable
        The distributions that the spec itself names.
    resumes : tuple of str
        Slices of the spec in which an artifact before it may differ and still save time: the step
        is handed those artifacts, and its result must not depend on them.
    has_rival : bool
        Whether it holds the model of ``bundle`` against the champion of the registry.
    expects : callable
        From the spec and the columns of the ingested table: raises SpecError for one that the step
        names and the table does not have. Asked right after ingest, long before the step itself.
    remembers : bool
        Whether it judges the records of the step that it needs with those of other nights.
    """

    name: str
    run: Callable[["Task"], dict[str, Any]]
    version: int
    reads: tuple[str, ...]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    libraries: tuple[str, ...] = TABLES
    sources: Callable[[Pipeline], tuple[str, ...]] = named.no_files
    code: Callable[[Pipeline], tuple[str, ...]] = named.no_files
    packages: Callable[[Pipeline], tuple[str, ...]] = named.no_libraries
    resumes: tuple[str, ...] = ()
    has_rival: bool = False
    expects: Callable[[Pipeline, Sequence[str]], None] = named.any_columns
    remembers: bool = False

    @property
    def featurizes(self) -> bool:
        """Whether it makes features of rows, in its own right or through a model."""
        return not FEATURES.isdisjoint((self.name, *self.needs))

    def patterns(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Return the path patterns of the files it reads."""
        return (*self.sources(pipeline), *(named.word_files(pipeline) if self.featurizes else ()))

    def distributions(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Return every distribution whose version can change its result."""
        words = named.word_libraries(pipeline) if self.featurizes else ()
        return tuple(dict.fromkeys([*self.libraries, *self.packages(pipeline), *words]))

    def files(self, pipeline: Pipeline) -> list[Path]:
        """Return every file it reads: data, SQL and user code with what that imports.

        Raises
        ------
        SpecError
            For a pattern that matches nothing.
        """
        from mlpipe.ingest.files import expand
        from mlpipe.run.code import source_closure

        tables = [file for pattern in self.patterns(pipeline) for file in expand(pattern)]
        code = [file for path in self.code(pipeline) for file in source_closure(Path(path))]
        return list(dict.fromkeys([*tables, *code]))

    def stops(self, artifact: "Artifact") -> bool:
        """Whether its verdict stops what follows: checks that failed do."""
        return self.name == "validate" and read_json(artifact, "report")["status"] == "failed"

    def says_no(self, artifacts: Mapping[str, "Artifact"]) -> bool:
        """Whether its verdict makes the command exit with 1."""
        artifact = artifacts.get(self.name)
        if artifact is None or self.name not in _VERDICTS:
            return False
        name, field, no = _VERDICTS[self.name]
        return read_json(artifact, name)[field] in no

    def words(self, artifact: "Artifact") -> str:
        """Return a few words on its result, for the terminal."""
        return str(artifact.summary.get("words", ""))

    def summary(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the manifest keeps for the terminal."""
        return {"words": words(self.name, outputs)}
