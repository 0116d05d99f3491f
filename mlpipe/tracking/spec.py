"""The ``tracking`` section: where finished runs are told of."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part

__all__ = ["Mlflow", "Tracker", "Tracking", "Wandb"]

_SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "mssql", "databricks")
_SCHEME = re.compile(r"([a-z]+)(?:\+[a-z0-9_]+)?(?:://|$)")

Name = Annotated[str, Field(min_length=1, max_length=250, pattern=r"^[^/:'\"`\s][^/:'\"`\n]*$")]
Alias = Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]
Seconds = Annotated[int, Field(ge=1, le=3600)]


def _tracking_store(uri: str) -> str:
    found = _SCHEME.match(uri)
    if uri.startswith("${secret:") or (found and found[1] in _SCHEMES):
        return uri
    raise PydanticCustomError(
        "tracking_uri",
        "'{uri}' is no tracking server or database",
        {
            "uri": uri if "@" not in uri else "…",
            "hint": "http://HOST:PORT, sqlite:///mlflow.db or postgresql://…; MLflow no longer "
            "writes to folders",
        },
    )


def _alias(name: str) -> str:
    if name.lower() == "latest" or re.fullmatch(r"(?i)v\d+", name):
        raise PydanticCustomError(
            "reserved_alias",
            "'{name}' cannot be an alias: it means a version",
            {"name": name, "hint": "challenger, champion, …"},
        )
    return name


class Mlflow(Part):
    """An MLflow server, or the database of one."""

    uri: Annotated[str, AfterValidator(_tracking_store)] = "sqlite:///mlflow.db"
    """The server or database; a password in it is written ${secret:NAME}."""
    experiment: Name | None = None
    """The experiment, made where there is none; by default the name of the pipeline."""
    artifacts: str | None = None
    """Where a new experiment keeps its files; by default what the server says, and the folder
    mlartifacts beside a database."""
    model: bool = True
    """Whether the bundle goes along, as a pyfunc model with its signature."""
    registered_model: Name | None = None
    """The name it is registered under; where only an alias is given, the name of the pipeline."""
    alias: Annotated[Alias, AfterValidator(_alias)] | None = None
    """The alias that the version gets, unless the verdict says no."""
    username: str | None = None
    """Who logs in; by default MLFLOW_TRACKING_USERNAME."""
    password: str | None = None
    """Written ${secret:NAME}; by default MLFLOW_TRACKING_PASSWORD."""
    token: str | None = None
    """Written ${secret:NAME}; by default MLFLOW_TRACKING_TOKEN."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Tags of your own."""
    timeout: Seconds = 60
    """Seconds after which sending is given up."""


class Wandb(Part):
    """Weights & Biases."""

    project: Name | None = None
    """The project; by default the name of the pipeline."""
    entity: Name | None = None
    """Whose project it is: a user or a team."""
    mode: Literal["offline", "online"] = "offline"
    """offline writes files, which `wandb sync` sends; online sends at once."""
    url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """A server of your own."""
    api_key: str | None = None
    """Written ${secret:NAME}; by default WANDB_API_KEY or the login of wandb."""
    model: bool = True
    """Whether the bundle goes along, as an artifact of the type model."""
    alias: Annotated[Alias, AfterValidator(_alias)] | None = None
    """The alias that the bundle gets, unless the verdict says no."""
    tags: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = ()
    """Tags of your own."""
    beside_run: bool = False
    """Whether its files go into the folder of the run instead of ./wandb."""
    timeout: Seconds = 60
    """Seconds after which sending is given up."""


Tracker = Mlflow | Wandb


class Tracking(Part):
    """Where finished runs are told of; nothing is sent that does not stand here."""

    mlflow: Mlflow | None = None
    """MLflow; needs the extra mlflow."""
    wandb: Wandb | None = None
    """Weights & Biases; needs the extra wandb."""

    def trackers(self) -> Iterator[tuple[str, Tracker]]:
        """Yield each tracker that is asked for, with its name."""
        for name, section in (("mlflow", self.mlflow), ("wandb", self.wandb)):
            if section is not None:
                yield name, section
