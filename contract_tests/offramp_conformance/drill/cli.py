"""`python -m offramp_conformance.drill.cli`: the command line `offramp`, wherever its script was installed."""

import sys

from offramp.cli import main

if __name__ == "__main__":
    sys.exit(main())
