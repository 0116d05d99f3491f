"""``transform``: any scikit-learn compatible transformer, by its dotted path."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import CODES, Transform
from mlpipe.spec.dotted import PATH, check_parameters, find_class

__all__ = ["ByPath"]


class ByPath(Transform):
    """Take the block's columns through a class of your own choice; it must make numbers.

    Every key beside `type` is a parameter of the class.
    """

    model_config = ConfigDict(extra="allow")

    word: ClassVar[str] = "transform"
    main: ClassVar[str | None] = "type"
    takes: ClassVar[frozenset[str]] = CODES | {"text", "sparse"}

    type: Annotated[str, Field(pattern=PATH)]
    """The path, e.g. sklearn.preprocessing.KBinsDiscretizer."""

    @property
    def package(self) -> str:
        """The package that it comes from."""
        return self.type.partition(".")[0]

    @property
    def foreign(self) -> bool:
        """Whether a bundle with it needs trust: scikit-learn's public classes need none."""
        return self.package != "sklearn"

    @model_validator(mode="after")
    def _fits_the_class(self) -> Self:
        check_parameters(self.type, self._class(), self._given())
        self._made()
        return self

    def build(self, seed: int) -> Any:
        """Return a `Wrapped`, seeded and on one thread where the class knows of either."""
        from mlpipe.features.estimators.wrapped import Wrapped

        made = self._made()
        known = made.get_params(deep=False) if hasattr(made, "get_params") else {}
        ours = {"random_state": seed, "n_jobs": 1}
        mine = {key: value for key, value in ours.items() if key in known}
        if mine := {key: value for key, value in mine.items() if key not in self._given()}:
            made.set_params(**mine)
        return Wrapped(made)

    def joins(self) -> bool:
        """Whether it gets the columns of the block together: yes, as scikit-learn's do."""
        return True

    def _given(self) -> dict[str, Any]:
        return dict(self.model_extra or {})

    def _class(self) -> Any:
        return find_class(self.type, "transformer", ("fit", "transform", "get_params"))

    def _made(self) -> Any:
        """Return the transformer; what YAML wrote as a list is a tuple or a list, as it wants."""
        given = self._given()
        try:
            return _checked(self._class(), given)
        except (TypeError, ValueError):
            lists = {key: _as_lists(value) for key, value in given.items()}
        try:
            return _checked(self._class(), lists)
        except (TypeError, ValueError) as error:
            raise PydanticCustomError(
                "refused_parameters",
                "{type} refuses its parameters: {why}",
                {"type": self.type, "why": str(error), "hint": ""},
            ) from error


def _checked(found: Any, given: dict[str, Any]) -> Any:
    """Return an instance whose parameters are what scikit-learn's own checks allow."""
    made = found(**given)
    # scikit-learn checks them in `fit` alone; here is the place in the spec.
    if hasattr(made, "_parameter_constraints"):
        made._validate_params()
    return made


def _as_lists(value: Any) -> Any:
    return [_as_lists(each) for each in value] if isinstance(value, tuple) else value
