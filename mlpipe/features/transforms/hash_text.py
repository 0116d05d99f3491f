"""``hash_text``: text as counts of hashed words, with no vocabulary to keep."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import TEXTS, Transform
from mlpipe.features.transforms.text import Length

__all__ = ["HashText"]


class HashText(Transform):
    """Put each word of a text into one of so many columns, by its hash.

    Nothing is learned: words that train never saw count too, and which word a column means
    cannot be said. A missing text has no words.
    """

    word: ClassVar[str] = "hash_text"
    main: ClassVar[str | None] = "size"
    takes: ClassVar[frozenset[str]] = TEXTS
    gives: ClassVar[str | None] = "sparse"

    size: Annotated[int, Field(ge=2, le=2**22)] = 1024
    """How many columns; with few of them, words share one."""
    ngrams: tuple[Length, Length] = (1, 1)
    """Shortest and longest run of words (or characters) that counts as one."""
    analyzer: Literal["word", "char", "char_wb"] = "word"
    """Words, characters, or characters inside words."""
    lowercase: bool = True
    """Treat capitals as small letters."""
    signed: bool = True
    """Let the hash choose the sign too, so that words that share a column cancel on average."""
    norm: Literal["l1", "l2"] | None = "l2"
    """Bring each text to the same length; null keeps the counts."""

    @model_validator(mode="after")
    def _short_to_long(self) -> Self:
        if self.ngrams[0] > self.ngrams[1]:
            raise PydanticCustomError(
                "ngrams", "`ngrams` goes from short to long", {"hint": "ngrams: [1, 2]"}
            )
        return self

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `TextHashes`: a `HashingVectorizer` over a frame with gaps."""
        from mlpipe.features.estimators.text_shape import TextHashes

        return TextHashes(
            n_features=self.size,
            ngram_range=self.ngrams,
            analyzer=self.analyzer,
            lowercase=self.lowercase,
            alternate_sign=self.signed,
            norm=self.norm,
        )

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True
