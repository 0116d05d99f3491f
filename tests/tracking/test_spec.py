import pytest
from pydantic import ValidationError

from mlpipe.tracking.misfits import misfits
from mlpipe.tracking.spec import Tracking


def test_nothing_is_tracked_that_is_not_named():
    assert list(Tracking().trackers()) == []
    assert [name for name, _ in Tracking.read({"wandb": {}}).trackers()] == ["wandb"]
    assert Tracking.read({"wandb": {}}).wandb.mode == "offline"


@pytest.mark.parametrize(
    "uri",
    ["http://h:5000", "https://h", "sqlite:///mlflow.db", "postgresql+psycopg://h/db",
     "databricks", "${secret:MLFLOW}"],
)  # fmt: skip
def test_a_server_or_a_database_will_do(uri):
    assert Tracking.read({"mlflow": {"uri": uri}}).mlflow.uri == uri


@pytest.mark.parametrize("uri", ["./mlruns", "file:///tmp/mlruns", "mlruns", "ftp://h", ""])
def test_a_folder_will_not(uri):
    with pytest.raises(ValidationError, match="no tracking server or database"):
        Tracking.read({"mlflow": {"uri": uri}})


@pytest.mark.parametrize("alias", ["latest", "v3", "V12", "a b", "a/b", "1", ""])
def test_an_alias_that_means_a_version_or_cannot_be_written_is_refused(alias):
    for tracker in ("mlflow", "wandb"):
        with pytest.raises(ValidationError):
            Tracking.read({tracker: {"alias": alias}})


@pytest.mark.parametrize("name", ["a/b", "a:b", "a'b", "", " a", "a\nb"])
def test_names_that_a_server_or_its_filter_would_misread_are_refused(name):
    with pytest.raises(ValidationError):
        Tracking.read({"mlflow": {"registered_model": name}})


def test_a_secret_in_clear_is_told_and_one_from_a_variable_is_not():
    def told(section, **environment):
        return [at for at, *_ in misfits(Tracking.read(section), environment)]

    assert told({"mlflow": {"uri": "http://me:pw@h"}}) == [("mlflow", "uri")]
    assert told({"mlflow": {"uri": "http://me:pw@h"}}, URI="http://me:pw@h") == []
    assert told({"mlflow": {"uri": "http://me:${secret:PW}@h", "token": "${secret:T}"}}) == []
    assert told({"mlflow": {"password": "x"}, "wandb": {"api_key": "y"}}) == [
        ("mlflow", "password"),
        ("wandb", "api_key"),
    ]
