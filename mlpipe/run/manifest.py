"""The manifest of an artifact: what it is, what is in it, and what it was made from.

A manifest is the last file written into an artifact. It carries a digest of itself, so that a
damaged one is told from a true one without asking anything else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from mlpipe.run.digests import digest_json

__all__ = ["FORMAT", "NAME", "Artifact", "FileEntry", "Manifest", "ManifestError"]

FORMAT = 1
NAME = "manifest.json"
FIELDS = {"format", "step", "key", "files", "made_from", "summary", "digest", "sha256"}


class ManifestError(ValueError):
    """A manifest is not what mlpipe wrote."""


class FileEntry(NamedTuple):
    """Size in bytes and SHA-256 of one file of an artifact."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an artifact holds and where it comes from.

    Attributes
    ----------
    step : str
        The step that made it.
    key : str
        The digest of everything that went in; the name of the artifact's folder.
    files : Mapping[str, FileEntry]
        The files by their path inside the artifact, with ``/`` between folders.
    made_from : Mapping[str, Any]
        The ingredients of the key by name, flat: what differs between two of them is the reason
        for computing again.
    summary : Mapping[str, Any]
        A few numbers for a person, said again when the artifact is reused.
    """

    step: str
    key: str
    files: Mapping[str, FileEntry]
    made_from: Mapping[str, Any]
    summary: Mapping[str, Any]
    format: int = FORMAT

    @property
    def digest(self) -> str:
        """Digest of the content alone: no key, no time, no host, no path."""
        files = [[name, *entry] for name, entry in sorted(self.files.items())]
        return digest_json({"step": self.step, "files": files})

    def to_json(self) -> str:
        """Write the manifest, with a digest of itself under ``sha256``."""
        body = self._body()
        return json.dumps({**body, "sha256": digest_json(body)}, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "Manifest":
        """Read a manifest as strictly as it was written.

        Raises
        ------
        ManifestError
            For anything that ``to_json`` would not have written, byte for byte.
        """
        try:
            document = json.loads(text)
            manifest = cls._from_document(document)
            written = manifest.to_json().encode()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ManifestError(f"not a manifest: {error}") from error
        if written != (text.encode() if isinstance(text, str) else text):
            raise ManifestError("the manifest does not match its own digest")
        return manifest

    @classmethod
    def _from_document(cls, document: dict[str, Any]) -> "Manifest":
        if set(document) != FIELDS or document["format"] != FORMAT:
            raise ManifestError("fields or format are not of this version")
        files = {
            _inside(name): FileEntry(**entry) for name, entry in sorted(document["files"].items())
        }
        made_from, summary = document["made_from"], document["summary"]
        return cls(document["step"], document["key"], files, made_from, summary)

    def _body(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "step": self.step,
            "key": self.key,
            "files": {name: entry._asdict() for name, entry in self.files.items()},
            "made_from": dict(self.made_from),
            "summary": dict(self.summary),
            "digest": self.digest,
        }


@dataclass(frozen=True)
class Artifact:
    """An immutable folder of the store, verified when it was handed out."""

    path: Path
    manifest: Manifest

    @property
    def step(self) -> str:
        """The step that made it."""
        return self.manifest.step

    @property
    def key(self) -> str:
        """The digest of everything that went in."""
        return self.manifest.key

    @property
    def digest(self) -> str:
        """The digest of what came out; the keys of later steps are made of it."""
        return self.manifest.digest

    @property
    def summary(self) -> Mapping[str, Any]:
        """A few numbers for a person."""
        return self.manifest.summary


def _inside(name: str) -> str:
    """Accept the path of a file only if it stays inside the artifact."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or name in ("", "."):
        raise ManifestError(f"{name!r} is not a path inside the artifact")
    return name
