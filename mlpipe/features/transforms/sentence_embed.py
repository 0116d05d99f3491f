"""``sentence_embed``: what a text means, by a model that was trained on other texts."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from mlpipe.features.transform import TEXTS, Transform

__all__ = ["SentenceEmbed"]


class SentenceEmbed(Transform):
    """Turn a text into the vector that a sentence-transformers model gives it.

    The model is not fitted and not part of the bundle, which names it. A missing text is all 0.
    """

    word: ClassVar[str] = "sentence_embed"
    main: ClassVar[str | None] = "model"
    takes: ClassVar[frozenset[str]] = TEXTS
    extra: ClassVar[str | None] = "text"
    distributions: ClassVar[tuple[str, ...]] = (
        "sentence-transformers",
        "transformers",
        "tokenizers",
        "torch",
    )

    model: Annotated[str, Field(min_length=1)]
    """A folder that holds the model, or its name on the Hugging Face hub."""
    revision: str | None = None
    """The commit of a model on the hub, so that it stays the same one."""
    normalize: bool = True
    """Bring every vector to length 1."""
    batch: Annotated[int, Field(ge=1, le=4096)] = 32
    """How many texts go through the model at once."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `SentenceVectors`."""
        from mlpipe.features.estimators.sentences import SentenceVectors

        return SentenceVectors(
            model=self.model,
            revision=self.revision,
            normalize=self.normalize,
            batch_size=self.batch,
        )

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True

    def folders(self) -> tuple[str, ...]:
        """Return the folder of the model, if that is what is named."""
        from pathlib import Path

        return (self.model,) if Path(self.model).is_dir() else ()
