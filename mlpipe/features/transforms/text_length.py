"""``text_length``: how long a text is, and how it is written."""

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from mlpipe.features.transform import TEXTS, Transform

__all__ = ["PARTS", "TextLength", "TextPart"]

TextPart = Literal["characters", "words", "word_length", "capitals", "digits", "punctuation"]
PARTS: tuple[str, ...] = get_args(TextPart)


class TextLength(Transform):
    """Measure a text; a missing text has missing measures, an empty one has 0 of all."""

    word: ClassVar[str] = "text_length"
    main: ClassVar[str | None] = "parts"
    takes: ClassVar[frozenset[str]] = TEXTS

    parts: Annotated[tuple[TextPart, ...], Field(min_length=1)] = (
        "characters",
        "words",
        "capitals",
        "digits",
    )
    """Which parts: how many characters and words, the mean length of a word, and the shares of
    capitals among letters and of digits and punctuation among characters."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `TextMeasures`."""
        from mlpipe.features.estimators.text_shape import TextMeasures

        return TextMeasures(parts=list(self.parts))

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True
