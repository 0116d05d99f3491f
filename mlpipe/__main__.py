"""`python -m mlpipe` is `mlpipe`."""

from mlpipe.cli import main

if __name__ == "__main__":
    main()
