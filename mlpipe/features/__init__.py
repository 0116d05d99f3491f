"""The words of featurize, and what a bundle needs to run them again."""
