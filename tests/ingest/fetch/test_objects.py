"""Objects of a store that speaks S3: moto's server, over the network."""

import sys

import boto3
import pytest
from moto.server import ThreadedMotoServer

from mlpipe.errors import SpecError
from mlpipe.ingest.fetch import UnreachableError, address


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint, monkeypatch):
    """An empty bucket called ``data``; gives the client."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="me",
        aws_secret_access_key="s3cret",
    )
    client.create_bucket(Bucket="data")
    yield client
    for entry in client.list_objects_v2(Bucket="data").get("Contents", []):
        client.delete_object(Bucket="data", Key=entry["Key"])
    client.delete_bucket(Bucket="data")
    client.close()


@pytest.fixture
def source(endpoint):
    """Return the values of a source for a path below the bucket."""

    def source(path, **more):
        options = {"endpoint_url": endpoint, "key": "me", "secret": "s3cret", "region": "us-east-1"}
        values = {"path": f"s3://data/{path}", "options": options, "allow_private": True}
        return {**values, "timeout": 10, **more}

    return source


def _put(bucket, **bodies):
    for name, body in bodies.items():
        bucket.put_object(Bucket="data", Key=name.replace("__", "/") + ".csv", Body=body.encode())


def test_one_object(get, bucket, source):
    _put(bucket, usage__may="a\n1\n")
    came = get(source("usage/may.csv"))
    assert came.names == ["may.csv"]
    assert came.text("may.csv") == "a\n1\n"


def test_a_pattern_gives_its_objects_and_fetches_those_that_changed(get, bucket, source):
    _put(bucket, usage__2026__05="a\n5\n", usage__2026__06="a\n6\n", other__07="no")
    bucket.put_object(Bucket="data", Key="usage/2026/.hidden.csv", Body=b"no")
    first = get(source("usage/**/*.csv"))
    assert first.names == ["2026/05.csv", "2026/06.csv"]
    _put(bucket, usage__2026__06="a\n66\n", usage__2026__08="a\n8\n")
    again = get(source("usage/**/*.csv"), first.before)
    assert again.fetched.kept == {"2026/05.csv"}
    assert again.names == ["2026/06.csv", "2026/08.csv"]
    assert sorted(again.fetched.files) == ["2026/05.csv", "2026/06.csv", "2026/08.csv"]
    assert again.text("2026/06.csv") == "a\n66\n"


def test_a_folder_of_hive_keeps_its_folders(get, bucket, source):
    bucket.put_object(Bucket="data", Key="usage/month=5/a.csv", Body=b"a\n1\n")
    bucket.put_object(Bucket="data", Key="usage/month=6/a.csv", Body=b"a\n2\n")
    came = get(source("usage", hive=True))
    assert came.names == ["month=5/a.csv", "month=6/a.csv"]


def test_a_large_object_comes_whole(get, bucket, source):
    body = bytes(range(256)) * 80_000
    bucket.put_object(Bucket="data", Key="large.csv", Body=body)
    assert (get(source("large.csv")).folder / "large.csv").read_bytes() == body


def test_what_is_not_there(get, bucket, source):
    with pytest.raises(SpecError, match=r"no object matches s3://data/\*\.csv"):
        get(source("*.csv"))
    with pytest.raises(UnreachableError, match="no such object or bucket"):
        get(source("gone.csv"))
    with pytest.raises(UnreachableError, match="no such object or bucket"):
        get({**source(""), "path": "s3://nowhere/gone.csv"})


def test_a_name_that_leaves_the_folder_is_refused(get, bucket, source, tmp_path):
    bucket.put_object(Bucket="data", Key="usage/../../escaped.csv", Body=b"a\n1\n")
    with pytest.raises(SpecError):
        get(source("usage/**"))
    assert not list(tmp_path.parent.rglob("escaped.csv"))


def test_a_private_endpoint_is_refused(get, bucket, source, endpoint):
    _put(bucket, may="a\n1\n")
    with pytest.raises(SpecError, match="not public"):
        get(source("may.csv", allow_private=False))
    named = endpoint.replace("127.0.0.1", "localhost")
    values = source("may.csv", allow_private=False)
    with pytest.raises(SpecError, match="not public"):
        get({**values, "options": {**values["options"], "endpoint_url": named}})


def test_an_endpoint_of_the_environment_is_checked_too(get, bucket, source, endpoint, monkeypatch):
    _put(bucket, may="a\n1\n")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    values = source("may.csv")
    options = {k: v for k, v in values["options"].items() if k != "endpoint_url"}
    assert get({**values, "options": options}).names == ["may.csv"]
    with pytest.raises(SpecError, match="not public"):
        get({**values, "options": options, "allow_private": False})


def test_a_name_that_comes_to_mean_something_else_is_refused(
    get, bucket, source, endpoint, monkeypatch
):
    """The driver resolves a name again when it connects (DNS rebinding)."""
    _put(bucket, may="a\n1\n")
    answers = ["127.0.0.1", "127.0.0.2"]
    real, public = address.socket.getaddrinfo, address.is_public
    monkeypatch.setattr(address, "is_public", lambda text: text == "127.0.0.1" or public(text))

    def resolved(host, port, *rest, **more):
        if not host.endswith("changing.example"):
            return real(host, port, *rest, **more)
        return [(2, 1, 6, "", (answers.pop(0) if answers else "127.0.0.2", port))]

    monkeypatch.setattr(address.socket, "getaddrinfo", resolved)
    values = source("may.csv", allow_private=False)
    named = endpoint.replace("127.0.0.1", "changing.example")
    changing = {**values, "options": {**values["options"], "endpoint_url": named}}
    with pytest.raises((SpecError, UnreachableError), match=r"127\.0\.0\.2"):
        get(changing)
    answers += ["127.0.0.1"] * 20
    with pytest.raises(UnreachableError, match="no such object"):  # it was asked: moto's own words
        get(changing)


def test_a_store_that_does_not_answer(get, source):
    values = source("may.csv", timeout=1)
    options = {**values["options"], "endpoint_url": "http://127.0.0.1:1"}
    with pytest.raises(UnreachableError) as caught:
        get({**values, "options": options})
    assert "s3cret" not in repr(caught.value)


def test_an_option_that_is_not_known(get, source):
    with pytest.raises(SpecError, match="'endpoint' is not an option") as caught:
        get({**source("may.csv"), "options": {"endpoint": "x"}})
    assert "endpoint_url" in str(caught.value)


def test_a_missing_extra_is_said_in_one_line(get, source, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(SpecError) as caught:
        get(source("may.csv"))
    assert str(caught.value) == (
        "ingest.sources.plans.path: an s3:// URL needs the extra 'cloud'\n"
        "  hint: pip install 'mlpipe[cloud]'"
    )
