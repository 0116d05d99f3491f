"""Speed, memory and size of a model, as measured on this machine for one run."""
