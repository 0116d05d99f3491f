"""The same examples in every CI run; new ones on every other. One thread for each worker."""

import os

# Two workers with two threads each wait for one another longer than they work. Libraries read this
# when they are loaded, which is later. Tests of what threads change say so to a process of its own.
if os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import settings

# A machine that is busy is no failure: what has to be fast is measured in benchmarks/.
settings.register_profile("anywhere", deadline=None)
settings.register_profile("ci", derandomize=True, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "anywhere")
