"""Look-back columns: window functions over the history of each entity, in the engine.

The history is the table itself, or the kept ``state`` and then the table, so that one new
row gets what it would get among all rows: exactly for lags, to rounding for averages.
"""

from mlpipe.features.lookback.columns import look_back
from mlpipe.features.lookback.state import keep_state

__all__ = ["keep_state", "look_back"]
