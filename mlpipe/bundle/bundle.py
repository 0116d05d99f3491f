"""The bundle: one folder that predicts, without the store and without the training data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from mlpipe.bundle.answer import answer
from mlpipe.bundle.contents import contents
from mlpipe.bundle.inputs import Input, checked
from mlpipe.bundle.libraries import differing
from mlpipe.bundle.model import Model
from mlpipe.bundle.past import read_plan, with_past
from mlpipe.bundle.pickled import unpickled
from mlpipe.bundle.schema import record_schema
from mlpipe.bundle.scope import in_scope, with_holes
from mlpipe.bundle.sealed import MODEL, PICKLED, opened, verified
from mlpipe.errors import Problem, StoreError
from mlpipe.features.plan import Plan
from mlpipe.table.columns import ROW, SCOPE, Columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.table.fingerprints import Fingerprints
    from mlpipe.table.session import Session

__all__ = ["Bundle"]


@dataclass(frozen=True)
class Bundle:
    """A fitted model with all that it needs to predict.

    Attributes
    ----------
    path : Path
        Its folder.
    about : dict
        ``bundle.json``: name, task, classes, decision, inputs, features, libraries, files.
    plan : dict
        How the features of the model are made.
    model : Model
        What turns rows into scores.
    """

    path: Path
    about: dict[str, Any]
    plan: Plan
    model: Model

    @staticmethod
    def assemble(folder: Path, **parts: Any) -> None:
        """Write a bundle into an existing folder; the parts are those of `contents`."""
        for name, data in contents(**parts).items():
            (folder / name).write_bytes(data)

    @classmethod
    def load(
        cls,
        path: Path | str,
        *,
        allow_code: bool = False,
        allow_pickle: bool = False,
        trust: Sequence[str] = (),
    ) -> Self:
        """Open a bundle; no code of the file runs unless the caller says so.

        Parameters
        ----------
        path : Path or str
            The folder.
        allow_code : bool
            Whether Python functions that the bundle carries may run.
        allow_pickle : bool
            Whether to open a bundle whose model was written by joblib, which runs whatever its
            author put there.
        trust : sequence of str
            Packages (``lightgbm``) or types beyond mlpipe's own list that it may hold.

        Raises
        ------
        StoreError
            If it is no bundle, a file is missing or changed, or it holds what is not trusted; or
            if a model of texts that it names is not here, or is another one.
        SpecError
            If a package that its features come from is missing.
        """
        folder = Path(path)
        about = opened(folder)
        files = {name: verified(folder, about, name) for name in about["files"]}
        plan = read_plan(files["plan.json"], files)
        if PICKLED in files:
            model = unpickled(files[PICKLED], allow_pickle=allow_pickle)
        else:
            data = files[MODEL].read_bytes()
            model = Model.loads(data, allow_code=allow_code, trust=trust)
        model.require()
        return cls(folder, about, plan, model)

    @property
    def name(self) -> str:
        """The name of the pipeline that made it."""
        return str(self.about["name"])

    @property
    def task(self) -> str:
        """``binary``, ``multiclass`` or ``regression``."""
        return str(self.about["task"])

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes by code, of a binary task the positive one last; empty for regression."""
        return tuple(self.about["classes"])

    @property
    def positive(self) -> Any:
        """The positive class of a binary task, else None."""
        return self.about["positive"]

    @property
    def threshold(self) -> float | None:
        """The score from which a row is positive; None for other tasks."""
        found: float | None = self.about["decision"].get("threshold")
        return found

    @property
    def inputs(self) -> list[Input]:
        """The columns that rows must bring, with type and whether training saw them null."""
        return list(self.about["inputs"])

    @property
    def digest(self) -> str:
        """The digest over all that it holds: two bundles with the same one are the same."""
        return str(self.about["digest"])

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of one record; ``schema.json`` is the same."""
        return record_schema(self.name, self.inputs)

    @property
    def warnings(self) -> list[str]:
        """What differs between here and where the model was trained."""
        return differing(self.about["libraries"])

    @cached_property
    def ingest(self) -> dict[str, Any]:
        """The resolved sections ``ingest`` and ``vars`` it was trained with."""
        found: dict[str, Any] = json.loads((self.path / "ingest.json").read_bytes())
        return found

    @cached_property
    def columns(self) -> Columns:
        """The roles of the columns."""
        return Columns.read(self.ingest["columns"])

    @cached_property
    def profile(self) -> dict[str, Any] | None:
        """What the training rows looked like, for monitoring; None where it was not kept."""
        found: dict[str, Any] | None = self._document("profile.json")
        return found

    @cached_property
    def seen(self) -> Fingerprints | None:
        """Which rows it was fitted on; None where an older mlpipe made it."""
        found: Fingerprints | None = self._document("seen.json")
        return found

    @property
    def state(self) -> Path | None:
        """The last rows of each entity, for features that look back; None without any."""
        return self.path / "state.parquet" if "state.parquet" in self.about["files"] else None

    @property
    def events(self) -> dict[str, Path]:
        """The events that aggregates of new rows reach, by source."""
        sources = dict.fromkeys(block["source"] for block in self.plan.get("aggregates", []))
        return {source: self.path / f"events_{source}.parquet" for source in sources}

    @property
    def onnx(self) -> Path | None:
        """The model as an ONNX graph; None where there is none: `parity` says why."""
        return self.path / "model.onnx" if "model.onnx" in self.about["files"] else None

    @cached_property
    def parity(self) -> dict[str, Any] | None:
        """How the ONNX graph compares with the model; None where none was asked for."""
        found: dict[str, Any] | None = self._document("parity.json")
        return found

    def predict(
        self, frame: pd.DataFrame, *, engine: Literal["sklearn", "onnx"] = "sklearn"
    ) -> pd.DataFrame:
        """Predict rows in the shape of the training table.

        Parameters
        ----------
        frame : DataFrame
            The columns of `inputs`; those that are optional may be left out, others are ignored,
            and it is not changed.
        engine : {"sklearn", "onnx"}
            What scores the features: scikit-learn, or the graph in `onnx`.

        Returns
        -------
        DataFrame
            With the index of ``frame``: ``prediction``, and ``score`` (P(positive)) of a binary
            task or ``score_CLASS`` for each class of many. Where the bundle has a scope also
            ``in_scope``; rows out of scope have neither prediction nor score.

        Raises
        ------
        DataError
            If columns are missing, or values are of another type.
        StoreError
            If there is no ONNX graph in the bundle.
        SpecError
            If onnxruntime is not installed.
        """
        import numpy as np

        rows = checked(frame, self.inputs)
        scope = self.ingest["ingest"].get("scope")
        kept = np.ones(len(rows), bool)
        if SCOPE in frame.columns:
            kept = frame[SCOPE].fillna(False).to_numpy(bool)
        elif scope:
            kept = in_scope(scope, rows)
        found = self.answer(self._looked_back(rows)[kept], engine=engine)
        if not scope and SCOPE not in frame.columns:
            return found
        return with_holes(found, kept, rows.index)

    def answer(
        self, frame: pd.DataFrame, *, engine: Literal["sklearn", "onnx"] = "sklearn"
    ) -> pd.DataFrame:
        """Predict rows that have their look-back columns, and are all in scope."""
        scores = self.model.scores(frame) if engine == "sklearn" else self._of_graph(frame)
        return answer(scores, self.task, self.classes, self.threshold, frame.index)

    def look_back(
        self,
        table: ir.Table,
        session: Session,
        events: Mapping[str, ir.Table] | None = None,
        *,
        whole: bool = False,
    ) -> ir.Table:
        """Add the columns that are computed of a table with ``_row`` and of what is kept.

        Parameters
        ----------
        table : ibis table
            Rows with ``_row`` and the columns of `inputs`.
        session : Session
            Of the table.
        events : mapping of str to ibis table, optional
            Events by source; those that are kept too count once.
        whole : bool
            Whether the table and the events hold their own past, as in training: then nothing
            that is kept is added to them.

        Raises
        ------
        DataError
            If rows do not follow those kept, or are earlier than the events that are known.
        """
        if whole:
            from mlpipe.features.computed import computed

            return computed(self.plan, table, self.columns, session, None, events)
        return with_past(
            self.plan, table, self.columns, session, self.state, self.events, events or {}
        )

    def _document(self, name: str) -> Any:
        """Return a JSON file that a bundle may be without; None where it is."""
        kept = name in self.about["files"]
        return json.loads((self.path / name).read_bytes()) if kept else None

    def _of_graph(self, frame: pd.DataFrame) -> Any:
        from mlpipe.bundle.calibration import calibrated
        from mlpipe.bundle.onnx.features import Made
        from mlpipe.bundle.onnx.session import raw_scores, require_extra

        if self.onnx is None or self.parity is None:
            why = (self.parity or {}).get("why") or "it was not asked for"
            hint = "bundle: {onnx: true} asks for it"
            problem = Problem(f"the bundle has no ONNX graph: {why}", str(self.path), hint=hint)
            raise StoreError(problem)
        require_extra(names=("onnxruntime",))
        inputs = [Made(**each) for each in self.parity["inputs"]]
        raw = raw_scores(self.onnx.read_bytes(), inputs, self.model, frame)
        return calibrated(self.model.curves, raw)

    def _looked_back(self, rows: pd.DataFrame) -> pd.DataFrame:
        from mlpipe.features.computed import computes

        if not computes(self.plan):
            return rows
        from tempfile import TemporaryDirectory

        from mlpipe.table.session import Session

        with TemporaryDirectory() as scratch, Session(Path(scratch)) as session:
            table = session.frame(rows.assign(**{ROW: range(len(rows))}))
            made = session.pandas(self.look_back(table, session).order_by(ROW))
        made.index = rows.index
        return made
