"""The command line is there under the module's name too, where its script is not on the path."""

import subprocess
import sys
from pathlib import Path


def test_the_module_runs_the_command_line(tmp_path: Path):
    asked = [sys.executable, "-m", "offramp", "check"]

    ran = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert ran.returncode == 2
    assert ran.stderr.startswith("offramp: error: ")
    assert "offramp.toml" in ran.stderr
    assert "Traceback" not in ran.stderr
