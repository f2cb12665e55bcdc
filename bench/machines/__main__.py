"""Run the acceptance tests of `bars`.

Apart from them, because a process that is spawned cannot import a package's main module.
"""

import sys

from bench.machines.bars import main

if __name__ == "__main__":
    sys.exit(main())
