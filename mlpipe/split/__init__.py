"""Which row is train, valid or test, and in which fold."""
