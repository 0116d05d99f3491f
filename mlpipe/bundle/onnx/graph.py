"""A graph while it is built: nodes and constants with names that are the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import MlpipeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["ML", "OPSET", "Graph", "NotConvertibleError"]

OPSET = 18
"""Of the operators of ONNX proper."""
ML = "ai.onnx.ml"
_OPSETS = {"": OPSET, ML: 3, "com.microsoft": 1}
_TYPES = {"number": "DOUBLE", "string": "STRING"}


class NotConvertibleError(MlpipeError):
    """What is fitted cannot be said in ONNX; the message says which part of it."""


class Graph:
    """An ONNX graph of columns: every tensor has a row for each row of the table.

    Numbers are float64 throughout, as they are in scikit-learn: in float32 a value may fall on
    the other side of the threshold of a tree.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: dict[str, str] = {}
        self.opsets: dict[str, int] = {"": OPSET}

    def input(self, name: str, kind: str) -> str:
        """Declare an input of shape (n, 1), ``number`` or ``string``; once, however often asked.

        Raises
        ------
        NotConvertibleError
            If it is there already with another kind.
        """
        if self.inputs.setdefault(name, kind) != kind:
            raise NotConvertibleError(f"'{name}' would be two inputs of the graph")
        return name

    def constant(self, array: NDArray[Any]) -> str:
        """Return the name of a constant."""
        import numpy as np
        from onnx import numpy_helper

        name = self._name("constant", len(self.constants))
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind: str, *inputs: str, domain: str = "", version: int = 0, **given: Any) -> str:
        """Add a node of one output, and return the name of that.

        Parameters
        ----------
        kind : str
            The operator.
        inputs : str
            Names of tensors.
        domain : str
            Of the operator.
        version : int
            The version of the domain that the operator needs, where ours is older.
        given
            Its attributes.
        """
        from onnx import helper

        self.require({domain: max(version, _OPSETS[domain])})
        name = self._name(kind.lower(), len(self.nodes))
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **given))
        return name

    def require(self, opsets: Mapping[str, int]) -> None:
        """Ask for operators of at least these versions."""
        for domain, version in opsets.items():
            self.opsets[domain] = max(version, self.opsets.get(domain, 0))

    def matrix(self, tensors: list[str]) -> str:
        """Return tensors side by side."""
        return tensors[0] if len(tensors) == 1 else self.add("Concat", *tensors, axis=1)

    def model(self, scores: str, shape: list[Any], about: Mapping[str, str]) -> bytes:
        """Return the file of the whole graph, whose output ``scores`` is the tensor named.

        Raises
        ------
        NotConvertibleError
            If ONNX itself finds a fault in it.
        """
        import onnx
        from onnx import helper

        self.nodes.append(helper.make_node("Identity", [scores], ["scores"], name="scores"))
        inputs = [
            helper.make_tensor_value_info(name, getattr(onnx.TensorProto, _TYPES[kind]), ["n", 1])
            for name, kind in self.inputs.items()
        ]
        output = helper.make_tensor_value_info("scores", onnx.TensorProto.DOUBLE, shape)
        nodes, constants = self._used()
        graph = helper.make_graph(nodes, "model", inputs, [output], constants)
        opsets = [helper.make_opsetid(*each) for each in sorted(self.opsets.items())]
        made = helper.make_model(graph, opset_imports=opsets, producer_name="mlpipe")
        made.ir_version = helper.find_min_ir_version_for(opsets, ignore_unknown=True)
        helper.set_model_props(made, dict(sorted(about.items())))
        try:
            onnx.checker.check_model(made)
        except onnx.checker.ValidationError as error:
            raise NotConvertibleError(f"the graph is not sound: {_first(error)}") from error
        return bytes(made.SerializeToString(deterministic=True))

    def _name(self, kind: str, number: int) -> str:
        return f"mlpipe/{kind}/{number}"

    def _used(self) -> tuple[list[Any], list[Any]]:
        """Return the nodes and constants that the output rests on."""
        needed, kept = {"scores"}, []
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                needed.update(node.input)
                kept.append(node)
        return kept[::-1], [each for each in self.constants if each.name in needed]


def _first(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
