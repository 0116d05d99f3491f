"""Rows from elsewhere: databases, the web and object stores, brought into files before ingest."""

from mlpipe.ingest.fetch.fetched import Before, Fetched, UnreachableError, Wanted, hushed

__all__ = ["Before", "Fetched", "UnreachableError", "Wanted", "fetch", "hushed"]


def fetch(wanted: Wanted) -> Fetched:
    """Bring a source into the files of a folder, or find that it did not change.

    Raises
    ------
    SpecError
        For a URL, query or option that is wrong, or that may not be followed.
    DataError
        For rows that cannot be read exactly.
    UnreachableError
        Where it does not answer, or breaks off.
    """
    scheme = (wanted.source.path or "").partition("://")[0].lower()
    if wanted.source.database is not None:
        from mlpipe.ingest.fetch.database import fetch_database

        return fetch_database(wanted)
    if scheme in ("http", "https"):
        from mlpipe.ingest.fetch.web import fetch_web

        return fetch_web(wanted)
    if scheme == "s3":
        from mlpipe.ingest.fetch.objects import fetch_objects

        return fetch_objects(wanted)
    from mlpipe.errors import Problem, SpecError

    hint = (
        "write the path alone" if scheme == "file" else "download it first, or use its S3 endpoint"
    )
    what = f"mlpipe reads https:// and s3:// URLs, not {scheme}://"
    raise SpecError(Problem(what, key=f"{wanted.key}.path", hint=hint))
