"""``tfidf``, ``counts``, ``lsa`` and ``svd``: text by its words, and few columns out of many."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import TEXTS, Transform

__all__ = ["Counts", "Length", "Lsa", "Svd", "Tfidf", "Vocabulary"]

Length = Annotated[int, Field(ge=1, le=10)]


class Vocabulary(Transform):
    """Learn the words of train; a missing text has none, and neither do words train never saw."""

    main: ClassVar[str | None] = "max_features"
    takes: ClassVar[frozenset[str]] = TEXTS
    gives: ClassVar[str | None] = "sparse"

    max_features: Annotated[int, Field(ge=1)] = 5000
    """Keep the most frequent words, at most so many; of equally frequent ones the first by name."""
    ngrams: tuple[Length, Length] = (1, 1)
    """Shortest and longest run of words (or characters) that counts as one."""
    analyzer: Literal["word", "char", "char_wb"] = "word"
    """Words, characters, or characters inside words."""
    min_count: Annotated[int, Field(ge=1)] = 1
    """Leave out words that fewer rows have."""
    lowercase: bool = True
    """Treat capitals as small letters."""
    stop_words: Literal["english"] | None = None
    """Leave out the commonest words of a language."""

    @model_validator(mode="after")
    def _short_to_long(self) -> Self:
        if self.ngrams[0] > self.ngrams[1]:
            raise PydanticCustomError(
                "ngrams", "`ngrams` goes from short to long", {"hint": "ngrams: [1, 2]"}
            )
        return self

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True

    def learned(self) -> dict[str, Any]:
        """Return the parameters of a `TextCounts`."""
        return {
            "max_features": self.max_features,
            "ngram_range": self.ngrams,
            "analyzer": self.analyzer,
            "min_df": self.min_count,
            "lowercase": self.lowercase,
            "stop_words": self.stop_words if self.analyzer == "word" else None,
        }


class Tfidf(Vocabulary):
    """Weigh the words of a text by how rare they are in train."""

    word: ClassVar[str] = "tfidf"

    sublinear: bool = False
    """Dampen repeated words: 1 + log(count)."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `TextWeights`: TF-IDF over a frame with gaps."""
        from mlpipe.features.estimators.text import TextWeights

        return TextWeights(**self.learned(), sublinear_tf=self.sublinear)


class Counts(Vocabulary):
    """Count the words of a text."""

    word: ClassVar[str] = "counts"

    binary: bool = False
    """Say whether a text has a word, not how often."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `TextCounts`: word counts over a frame with gaps."""
        from mlpipe.features.estimators.text import TextCounts

        return TextCounts(**self.learned(), binary=self.binary)


class Lsa(Tfidf):
    """Press the TF-IDF weights of a text into a few dense columns: latent semantic analysis.

    Texts whose words keep the same company come out near each other. After Deerwester et al.,
    *Indexing by latent semantic analysis*, 1990.
    """

    word: ClassVar[str] = "lsa"
    main: ClassVar[str | None] = "size"
    gives: ClassVar[str | None] = "number"

    size: Annotated[int, Field(ge=1, le=1000)] = 50
    """How many columns; fewer where there are not as many words."""

    def build(self, seed: int) -> Any:
        """Return `TextWeights` and the seeded `Components` after it."""
        from sklearn.pipeline import Pipeline

        from mlpipe.features.estimators.components import Components

        pressed = Components(n_components=self.size, random_state=seed, prefix="lsa")
        return Pipeline([("tfidf", super().build(seed)), ("svd", pressed)])


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
