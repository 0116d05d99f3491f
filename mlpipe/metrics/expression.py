"""Arithmetic over columns, as a business value is written: ``0.3 * monthly_fee * 12 - 5``.

The text is parsed, held against a white-list and walked; it is never evaluated as Python.
Names are columns (backquoted where they are not plain words: `` `hours-per-week` ``); there are
numbers, ``+ - * /``, parentheses and comparisons, which count 1 where they hold and 0 elsewhere.
"""

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["Amount", "Expression", "expression"]

_LONGEST = 500
_GREATEST = 1e15
"""Amounts are below: their sums over any number of rows are finite, and exact to a cent."""
_PLAIN = "expected column names, numbers, + - * / ( ) and comparisons"
_QUOTED = re.compile(r"`([^`]+)`")
_OPERATORS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
    }
)


@dataclass(frozen=True)
class Expression:
    """A checked expression.

    Attributes
    ----------
    text : str
        As written.
    columns : tuple of str
        The columns it reads, in order of appearance.
    """

    text: str
    columns: tuple[str, ...]
    _tree: ast.expr
    _names: Mapping[str, str]

    def values(self, columns: "Mapping[str, Array]", rows: int) -> "Array":
        """Return the value of each row, float64 of shape (rows,).

        NaN where a column is null, a division is by zero, or an amount is 1e15 or more.

        Parameters
        ----------
        columns : mapping of str to array, shape (rows,)
            The columns by name; others are ignored.
        rows : int
        """
        import numpy as np

        named = {name: np.asarray(columns[name], float) for name in self.columns}
        with np.errstate(all="ignore"):
            found = np.broadcast_to(np.asarray(self._walk(self._tree, named), float), (rows,))
            return np.where(np.abs(found) < _GREATEST, found, np.nan)

    def _walk(self, node: ast.expr, named: "Mapping[str, Array]") -> Any:
        import numpy as np

        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return named[self._names.get(name, name)]
            case ast.UnaryOp(operand=operand):
                value = self._walk(operand, named)
                return -value if isinstance(node.op, ast.USub) else value
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return np.true_divide(self._walk(left, named), self._walk(right, named))
            case ast.BinOp(left=left, op=op, right=right):
                return _OPERATORS[type(op)](self._walk(left, named), self._walk(right, named))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                one, other = self._walk(left, named), self._walk(right, named)
                holds = np.asarray(_OPERATORS[type(op)](one, other), float)
                return np.where(np.isnan(one) | np.isnan(other), np.nan, holds)
        raise AssertionError(ast.dump(node))


def expression(text: str) -> Expression:
    """Parse an expression and hold it against the white-list.

    Raises
    ------
    PydanticCustomError
        ``expression``, with the piece that is not allowed.
    """
    names: dict[str, str] = {}

    def plain(match: re.Match[str]) -> str:
        names[f"_column{len(names)}_"] = match[1]
        return f" _column{len(names) - 1}_ "

    if len(text) > _LONGEST:
        raise _refuse(f"longer than {_LONGEST} characters", "put the arithmetic in ingest.sql")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)  # `1if` and its like
            tree = ast.parse(" ".join(_QUOTED.sub(plain, text).split()), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise _refuse(f"'{text}' is not arithmetic", _PLAIN) from error
    found: list[str] = []
    _check(tree, found, names)
    return Expression(text, tuple(dict.fromkeys(found)), tree, names)


def _check(node: ast.expr, found: list[str], names: Mapping[str, str], depth: int = 0) -> None:
    """Refuse what is not on the white-list; collect the names of the columns."""
    if depth > 100:
        raise _refuse("nested too deeply", "put the arithmetic in ingest.sql")
    if isinstance(node, ast.Name):
        found.append(names.get(node.id, node.id))
        return
    for child in _operands(node):
        _check(child, found, names, depth + 1)


def _operands(node: ast.expr) -> tuple[ast.expr, ...]:
    match node:
        case ast.Constant(value=value) if _is_number(value):
            return ()
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return (operand,)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            return (left, right)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return (left, right)
    raise _refuse(f"'{ast.unparse(node)[:60]}' is not allowed here", _PLAIN)


def _is_number(value: object) -> bool:
    try:
        return type(value) in {int, float} and math.isfinite(cast("float", value))
    except OverflowError:
        return False


def _refuse(message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("expression", "{message}", {"message": message, "hint": hint})


def _checked(value: float | str) -> float | str:
    if isinstance(value, str):
        expression(value)
    elif abs(value) >= _GREATEST:
        hint = "count in thousands or millions of the currency"
        raise _refuse(f"{value:g} is too much: amounts are below {_GREATEST:g}", hint)
    return value


Amount: TypeAlias = Annotated[float | str, AfterValidator(_checked)]
"""A field of the spec: a number, or arithmetic over columns, checked when the spec is read."""
