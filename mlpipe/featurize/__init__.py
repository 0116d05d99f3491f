"""Features: look-back over all rows, transforms to be fitted on train, and why each."""
