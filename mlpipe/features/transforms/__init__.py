"""One family of transforms a file; `mlpipe.features.words` lists them."""
