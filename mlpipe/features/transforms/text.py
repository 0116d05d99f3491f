"""``tfidf`` and ``svd``: text as weights of its words, and fewer columns out of many."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import Transform

__all__ = ["Svd", "Tfidf"]

Length = Annotated[int, Field(ge=1, le=10)]


class Tfidf(Transform):
    """Weigh the words of a text by how rare they are in train."""

    word: ClassVar[str] = "tfidf"
    main: ClassVar[str | None] = "max_features"
    takes: ClassVar[frozenset[str]] = frozenset({"text", "category"})
    gives: ClassVar[str | None] = "sparse"

    max_features: Annotated[int, Field(ge=1)] = 5000
    """Keep the most frequent words, at most so many."""
    ngrams: tuple[Length, Length] = (1, 1)
    """Shortest and longest run of words (or characters) that counts as one."""
    analyzer: Literal["word", "char", "char_wb"] = "word"
    """Words, characters, or characters inside words."""
    min_count: Annotated[int, Field(ge=1)] = 1
    """Leave out words that fewer rows have."""
    lowercase: bool = True
    """Treat capitals as small letters."""
    sublinear: bool = False
    """Dampen repeated words: 1 + log(count)."""
    stop_words: Literal["english"] | None = None
    """Leave out the commonest words of a language."""

    @model_validator(mode="after")
    def _short_to_long(self) -> Self:
        if self.ngrams[0] > self.ngrams[1]:
            raise PydanticCustomError(
                "ngrams", "`ngrams` goes from short to long", {"hint": "ngrams: [1, 2]"}
            )
        return self

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `TextWeights`: a `TfidfVectorizer` that takes a frame with gaps."""
        from mlpipe.features.estimators.text import TextWeights

        return TextWeights(
            max_features=self.max_features,
            ngram_range=self.ngrams,
            analyzer=self.analyzer,
            min_df=self.min_count,
            lowercase=self.lowercase,
            sublinear_tf=self.sublinear,
            stop_words=self.stop_words if self.analyzer == "word" else None,
        )

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True


class Svd(Transform):
    """Press many columns into a few dense ones that keep most of the variance."""

    word: ClassVar[str] = "svd"
    main: ClassVar[str | None] = "components"
    takes: ClassVar[frozenset[str]] = frozenset({"sparse", "number", "boolean"})

    components: Annotated[int, Field(ge=1, le=1000)] = 50
    """How many; fewer where there are not as many columns."""

    def build(self, seed: int) -> Any:
        """Return a `Components`: a seeded `TruncatedSVD` that fits narrow tables too."""
        from mlpipe.features.estimators.components import Components

        return Components(n_components=self.components, random_state=seed)

    def per_column(self) -> bool:
        """Whether what came from one column is pressed together: yes."""
        return True
