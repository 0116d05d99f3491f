"""The two shapes that every section of the spec is made of: `Part` and `Word`."""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mlpipe.spec.suggest import did_you_mean

__all__ = ["OneOf", "Part", "Word", "frozen"]


class Part(BaseModel):
    """A mapping of the spec: frozen, unknown keys refused, values never bent to fit."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        protected_namespaces=(),
    )

    @classmethod
    def read(cls, values: Any) -> Self:
        """Build the part from plain YAML or JSON values, whose lists become tuples."""
        return cls.model_validate(frozen(values))


def frozen(value: Any) -> Any:
    """Turn every list into a tuple: a part is frozen, and strict about it."""
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    return value


class Word(Part):
    """A part that is written as ``word``, ``word: main`` or ``word: {parameters}``.

    A subclass names its ``word`` and, where one parameter says it all, the ``main`` one:
    ``impute: median`` is ``impute: {strategy: median}``.
    """

    word: ClassVar[str]
    main: ClassVar[str | None] = None


class OneOf:
    """Reads one of several words: ``Annotated[Scale | Impute, OneOf(Scale, Impute)]``.

    Raises
    ------
    PydanticCustomError
        ``unknown_word`` or ``word_shape``, with the known words and a suggestion.
    """

    def __init__(self, *words: type[Word]) -> None:
        self.words = {word.word: word for word in words}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Choose the word by its name, then hand its parameters to its own schema."""
        choices = {name: handler.generate_schema(cls) for name, cls in self.words.items()}
        chosen = core_schema.tagged_union_schema(
            {
                name: core_schema.no_info_before_validator_function(_parameters(cls), schema)
                for (name, schema), cls in zip(choices.items(), self.words.values(), strict=True)
            },
            discriminator=self._tag,
        )
        return core_schema.no_info_before_validator_function(
            self._known,
            chosen,
            serialization=core_schema.plain_serializer_function_ser_schema(_written),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """``anyOf``: the bare word, or a mapping with that word as its only key."""
        bare = [name for name, cls in self.words.items() if _may_stand_alone(cls)]
        written = [_written_schema(cls, handler) for cls in self.words.values()]
        return {"anyOf": [{"enum": bare}, *written] if bare else written}

    def _tag(self, value: Any) -> str:
        if isinstance(value, Word):
            return value.word
        return str(value if isinstance(value, str) else next(iter(value)))

    def _known(self, value: Any) -> Any:
        if isinstance(value, Word):
            return value
        if not isinstance(value, str) and not (isinstance(value, dict) and len(value) == 1):
            raise PydanticCustomError(
                "word_shape",
                "expected a word, `word: main` or `word: {…}`, with nothing beside it",
            )
        if (name := self._tag(value)) not in self.words:
            known = sorted(self.words)
            raise PydanticCustomError(
                "unknown_word",
                "'{name}' is not known; expected one of: {known}",
                {"name": name, "known": ", ".join(known), "hint": did_you_mean(name, known)},
            )
        return value


def _parameters(cls: type[Word]) -> Any:
    """Turn ``word``, ``{word: main}`` or ``{word: {…}}`` into the word's own parameters."""

    def parameters(value: Any) -> Any:
        if isinstance(value, Word):
            return value
        given = None if isinstance(value, str) else value[cls.word]
        if given is None:
            return {}
        if isinstance(given, dict):
            return given
        if cls.main is None:
            raise PydanticCustomError(
                "word_shape", "'{name}' takes parameters as a mapping", {"name": cls.word}
            )
        return {cls.main: given}

    return parameters


def _may_stand_alone(cls: type[Word]) -> bool:
    return not any(field.is_required() for field in cls.model_fields.values())


def _written(part: Word) -> Any:
    """Write a word the way the spec does, with its parameters spelled out."""
    return {part.word: part.model_dump(mode="json")}


def _written_schema(cls: type[Word], handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """Describe ``word: {parameters}`` and ``word: main``; definitions go to the root."""
    value = parameters = handler(cls.__pydantic_core_schema__)
    if cls.main:
        main = handler.resolve_ref_schema(parameters)["properties"][cls.main]
        value = {"anyOf": [parameters, main]}
    return {
        "type": "object",
        "properties": {cls.word: value},
        "required": [cls.word],
        "additionalProperties": False,
        "description": (cls.__doc__ or "").split("\n", 1)[0],
    }
