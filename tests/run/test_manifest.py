import dataclasses
import json

import pytest

from mlpipe.run.manifest import FileEntry, Manifest, ManifestError

MANIFEST = Manifest(
    step="train",
    key="ab12",
    files={"model.skops": FileEntry(12, "f" * 64), "sub/report.json": FileEntry(0, "0" * 64)},
    made_from={"spec.train.models.boosted.max_iter": 200, "library scikit-learn": "1.9.1"},
    summary={"rows": 7043, "größe": None, "best": 0.25},
)


def test_it_reads_back_what_it_wrote():
    assert Manifest.from_json(MANIFEST.to_json()) == MANIFEST
    assert Manifest.from_json(MANIFEST.to_json().encode()) == MANIFEST


def test_its_digest_speaks_of_content_alone():
    for other in (
        dataclasses.replace(MANIFEST, key="cd34"),
        dataclasses.replace(MANIFEST, made_from={}),
        dataclasses.replace(MANIFEST, files=dict(reversed(MANIFEST.files.items()))),
    ):
        assert other.digest == MANIFEST.digest
    for other in (
        dataclasses.replace(MANIFEST, step="decide"),
        dataclasses.replace(MANIFEST, files={"model.skops": FileEntry(12, "f" * 64)}),
        dataclasses.replace(MANIFEST, files={**MANIFEST.files, "x": FileEntry(1, "a" * 64)}),
    ):
        assert other.digest != MANIFEST.digest


def test_no_single_flipped_bit_goes_unseen():
    good = MANIFEST.to_json().encode()
    for position in range(len(good) * 8):
        bad = bytearray(good)
        bad[position // 8] ^= 1 << position % 8
        with pytest.raises(ManifestError):
            Manifest.from_json(bytes(bad))


def test_no_truncated_manifest_is_read():
    good = MANIFEST.to_json().encode()
    for end in range(len(good)):
        with pytest.raises(ManifestError):
            Manifest.from_json(good[:end])


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../b", "", ".", "a//b"])
def test_a_file_outside_the_artifact_is_refused(name):
    manifest = dataclasses.replace(MANIFEST, files={name: FileEntry(1, "a" * 64)})
    with pytest.raises(ManifestError):
        Manifest.from_json(manifest.to_json())


def test_a_manifest_of_another_format_is_refused():
    text = dataclasses.replace(MANIFEST, format=2).to_json()
    assert json.loads(text)["format"] == 2
    with pytest.raises(ManifestError, match="version"):
        Manifest.from_json(text)
