"""Objects of a store that speaks S3: those that a pattern matches, fetched where they changed."""

from __future__ import annotations

import shutil
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlpipe.errors import Problem, SpecError
from mlpipe.ingest.fetch.address import addresses_of
from mlpipe.ingest.fetch.connection import PORTS
from mlpipe.ingest.fetch.fetched import Fetched, UnreachableError
from mlpipe.ingest.fetch.web import CHUNK, LARGEST
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.ingest.fetch.fetched import Wanted

__all__ = ["fetch_objects"]

OPTIONS = ("endpoint_url", "key", "secret", "token", "anon", "profile", "requester_pays")
REGION = "region"
MAGIC = frozenset("*?[")


def fetch_objects(wanted: Wanted) -> Fetched:
    """Fetch the objects behind an ``s3://`` URL; one whose etag is known is not fetched again.

    Raises
    ------
    SpecError
        For a pattern that matches nothing, an option that is not known, an endpoint that is not
        public, or where the drivers are not installed.
    UnreachableError
        Where the store does not answer, or says no.
    """
    _refuse_options(wanted)
    with _explained(wanted):
        store = _store(wanted)
        found = _listed(store, wanted)
        before = wanted.before.files if wanted.before else {}
        said = {name: _said(info) for name, info in found.items()}
        kept = frozenset(name for name in said if said[name] == before.get(name))
        for name in sorted(set(found) - kept):
            _download(store, found[name]["name"], name, wanted)
    return Fetched({name: said[name] for name in sorted(said)}, kept=kept)


def _refuse_options(wanted: Wanted) -> None:
    known = (*OPTIONS, REGION)
    problems = [
        Problem(
            f"'{name}' is not an option of an object store; expected one of: {', '.join(known)}",
            key=f"{wanted.key}.options.{name}",
            hint=did_you_mean(name, known),
        )
        for name in wanted.source.options
        if name not in known
    ]
    if problems:
        raise SpecError(*problems)


def _store(wanted: Wanted) -> Any:
    try:
        import s3fs
    except ImportError:
        what = "an s3:// URL needs the extra 'cloud'"
        hint = "pip install 'mlpipe[cloud]'"
        raise SpecError(Problem(what, key=f"{wanted.key}.path", hint=hint)) from None
    options = {name: value for name, value in wanted.source.options.items() if name != REGION}
    timeout = wanted.source.timeout
    # The resolver is what connects: a name that comes to mean something else is refused too.
    config = {
        "connect_timeout": timeout,
        "read_timeout": timeout,
        "retries": {"max_attempts": 2},
        "connector_args": {"resolver": _resolver(wanted)},
    }
    region = (
        {"region_name": wanted.source.options[REGION]} if REGION in wanted.source.options else {}
    )
    store = s3fs.S3FileSystem(
        **options,
        config_kwargs=config,
        client_kwargs=region,
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    store.connect()
    _check_endpoint(str(store.s3.meta.endpoint_url), wanted)
    return store


def _check_endpoint(url: str, wanted: Wanted) -> None:
    parts = urlsplit(url)
    addresses_of(parts.hostname or "", parts.port or PORTS.get(parts.scheme, 443), wanted)


def _resolver(wanted: Wanted) -> Any:
    from aiohttp.abc import AbstractResolver

    class Checked(AbstractResolver):
        """Resolves a name to addresses that are allowed."""

        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[Any]:  # noqa: ARG002 - aiohttp's signature
            return [_entry(host, each, port) for each in addresses_of(host, port, wanted)]

        async def close(self) -> None:
            """There is nothing to close."""

    return Checked()


def _entry(host: str, address: str, port: int) -> dict[str, Any]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST
    entry = {"hostname": host, "host": address, "port": port, "family": family}
    return {**entry, "proto": 0, "flags": flags}


def _listed(store: Any, wanted: Wanted) -> dict[str, dict[str, Any]]:
    """Return what is known of each object by its name: what of its path the pattern leaves open."""
    pattern = (wanted.source.path or "").partition("://")[2]
    if wanted.source.hive and not MAGIC & set(pattern):
        found = store.find(pattern, detail=True)
    elif MAGIC & set(pattern):
        found = store.glob(pattern, detail=True)
    else:
        found = {pattern: store.info(pattern)}
    # A pattern of local files leaves out names that begin with a dot, too.
    files = {p: info for p, info in found.items() if info["type"] == "file" and "/." not in p}
    if not files:
        what = f"no object matches {wanted.shown}"
        raise SpecError(Problem(what, key=f"{wanted.key}.path"))
    one = len(files) == 1 and not wanted.source.hive
    fixed = next(iter(files)).rpartition("/")[0] if one else _fixed(pattern)
    return {_inside(p.removeprefix(fixed).strip("/"), wanted): files[p] for p in sorted(files)}


def _fixed(pattern: str) -> str:
    """Return the folders of a pattern before the first that varies.

    >>> _fixed("bucket/data/month=*/usage.csv")
    'bucket/data'
    """
    folders = pattern.split("/")
    until = next((i for i, part in enumerate(folders) if MAGIC & set(part)), len(folders))
    return "/".join(folders[:until])


def _inside(name: str, wanted: Wanted) -> str:
    parts = name.split("/")
    if not all(parts) or {".", ".."} & set(parts) or "\0" in name:
        what = f"the object '{name}' has a name that cannot be that of a file"
        raise SpecError(Problem(what, key=f"{wanted.key}.path"))
    return name


def _said(info: dict[str, Any]) -> dict[str, str]:
    return {"etag": str(info.get("ETag", "")), "size": str(info.get("size", ""))}


def _download(store: Any, path: str, name: str, wanted: Wanted) -> None:
    target = wanted.folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with store.open(path, "rb", block_size=8 * CHUNK, cache_type="readahead") as source:
        size = int(source.size)
        if size > LARGEST:
            raise UnreachableError(f"{path} has {size:,} bytes; {LARGEST:,} are the most")
        with target.open("xb") as file:
            shutil.copyfileobj(source, file, CHUNK)
            written = file.tell()
    if written != size:
        raise UnreachableError(f"{path} broke off after {written:,} of {size:,} bytes")


@contextmanager
def _explained(wanted: Wanted) -> Iterator[None]:
    """Say what the drivers stumble over in words without keys."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:  # said by `_store`, in one line
        BotoCoreError = ClientError = OSError
    try:
        yield
    except FileNotFoundError:
        raise UnreachableError("there is no such object or bucket") from None
    except PermissionError as error:
        raise UnreachableError(f"no permission: {wanted.hushed(_reason(error))}") from None
    except (OSError, BotoCoreError, ClientError, TimeoutError) as error:
        if _is_of_disk(error, wanted):
            raise
        raise UnreachableError(wanted.hushed(_reason(error))) from None


def _is_of_disk(error: Exception, wanted: Wanted) -> bool:
    """Whether it was the file system here that said no; that is the store's to explain."""
    named = getattr(error, "filename", None)
    return named is not None and str(named).startswith(str(wanted.folder))


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0]
