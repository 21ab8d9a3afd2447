"""P8: no test, and no process that a test starts, opens a socket to anywhere but this machine."""

import os
import signal
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

_GUARD = str(Path(__file__).parent / "support" / "loopback_only")

sys.path.insert(0, _GUARD)
import sitecustomize  # noqa: E402, F401  # it guards this process; others load the same file by its name

sys.path.remove(_GUARD)
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (_GUARD, os.environ.get("PYTHONPATH"))))

# In the background of a shell Ctrl-C is ignored, and processes inherit that: one that a test interrupts would not end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast a machine draws examples says nothing of what they show.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
