"""Print the digest of each model's file: run in processes that differ in all but the model."""

import json
import sys
from hashlib import sha256

# Objects before the first fit move all addresses.
ballast = [object() for _ in range(int(sys.argv[1]))]

from tests.bundle.samples import all_models  # noqa: E402

print(json.dumps({name: sha256(m.dumps()).hexdigest() for name, m in all_models().items()}))
