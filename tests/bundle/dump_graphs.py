"""Print the digest of each model's graph: run in processes that differ in all but the model."""

import json
from hashlib import sha256

from mlpipe.bundle.onnx.convert import convert
from mlpipe.bundle.onnx.graph import NotConvertibleError
from tests.bundle.samples import all_models
from tests.train.samples import rows


def digest(model) -> str:
    try:
        return sha256(convert(model, rows(task=model.task)).data).hexdigest()
    except NotConvertibleError as error:
        return str(error)


print(json.dumps({name: digest(model) for name, model in all_models().items()}))
