"""`make bench`: what Offramp costs beside raw HTTP."""

import sys

from offramp_conformance.programs import run_program

if __name__ == "__main__":
    sys.exit(run_program("offramp_conformance.bench"))
