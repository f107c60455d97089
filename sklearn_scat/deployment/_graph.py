"""An ONNX graph, written node by node: arrays are names of tensors."""

import numpy as np

OPSET = 18  # the first whose reductions all take their axes as an input
_IR = 10  # the format of ONNX files that runtimes of 2024 on read


class Graph:
    """Collect the nodes and constants of an ONNX graph.

    Every method that computes takes names of tensors and returns the name of another.

    Parameters
    ----------
    shape : tuple of int
        Of one image; the graph takes any number of them as "images", in float32.
    """

    def __init__(self, shape):
        from onnx import TensorProto, helper

        self._helper = helper
        self._nodes, self._constants = [], {}
        self._outputs = []
        axes = ["n_samples", *shape]
        self.images = "images"
        self._input = helper.make_tensor_value_info(
            self.images, TensorProto.FLOAT, axes
        )

    def constant(self, array, dtype=np.float32):
        """Add an array; equal ones are stored once."""
        from onnx import numpy_helper

        array = np.asarray(array, dtype=dtype, order="C")
        key = (array.shape, array.dtype.str, array.tobytes())
        if array.dtype.hasobject:
            key = (array.shape, "text", tuple(array.ravel()))
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._constants[key] = numpy_helper.from_array(array, name)
        return self._constants[key].name

    def node(self, kind, *inputs, outputs=1, **attributes):
        """Add a node of one of ONNX's operators."""
        first = len(self._nodes)
        names = [f"{kind.lower()}_{first}_{i}" for i in range(outputs)]
        made = self._helper.make_node(kind, list(inputs), names, **attributes)
        self._nodes.append(made)
        return names[0] if outputs == 1 else names

    def add(self, a, b):
        """Return a + b."""
        return self.node("Add", a, b)

    def subtract(self, a, b):
        """Return a − b."""
        return self.node("Sub", a, b)

    def multiply(self, a, b):
        """Return a · b, number by number."""
        return self.node("Mul", a, b)

    def divide(self, a, b):
        """Return a / b, number by number."""
        return self.node("Div", a, b)

    def matmul(self, a, b):
        """Return the matrix product over the last two axes."""
        return self.node("MatMul", a, b)

    def reshape(self, a, shape):
        """Return a in another shape; 0 leaves an axis as it is, −1 follows."""
        return self.node("Reshape", a, self.constant(shape, np.int64))

    def gather(self, a, indices, axis):
        """Return some of a along an axis."""
        return self.node("Gather", a, self.constant(indices, np.int64), axis=axis)

    def concat(self, parts, axis):
        """Return arrays one after the other."""
        return self.node("Concat", *parts, axis=axis) if len(parts) > 1 else parts[0]

    def reduce(self, kind, a, axes, *, keepdims=False):
        """Return a sum, mean, minimum, … over axes."""
        places = self.constant(axes, np.int64)
        return self.node(f"Reduce{kind}", a, places, keepdims=int(keepdims))

    def output(self, name, a, *, shape, dtype=np.float32):
        """Name a result of the graph."""
        self._nodes.append(self._helper.make_node("Identity", [a], [name]))
        kind = self._helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        axes = ["n_samples", *shape]
        self._outputs.append(self._helper.make_tensor_value_info(name, kind, axes))

    def model(self, description):
        """Return the checked ONNX model."""
        from onnx import checker

        graph = self._helper.make_graph(
            self._nodes,
            "sklearn_scat",
            [self._input],
            self._outputs,
            list(self._constants.values()),
        )
        model = self._helper.make_model(
            graph,
            producer_name="sklearn_scat",
            doc_string=description,
            ir_version=_IR,
            opset_imports=[self._helper.make_opsetid("", OPSET)],
        )
        checker.check_model(model)
        return model
