"""The fitted model as an ONNX graph: built from what is fitted, and compared before it is kept."""
