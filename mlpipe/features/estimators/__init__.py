"""Transformers that scikit-learn does not have; imported only where one is built or loaded."""
