"""The public modules import, the canonical model is complete, and no engine is loaded before it is needed."""

import subprocess
import sys

import pytest

from offramp import types


def test_every_name_that_types_exports_exists():
    missing = [name for name in types.__all__ if not hasattr(types, name)]

    assert missing == []


@pytest.mark.parametrize("module", ["offramp", "offramp.cli", "offramp_providers.engines.litellm"])
def test_no_engine_is_loaded_by_an_import(module: str):
    script = f"import sys, {module}; print('litellm' in sys.modules)"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"
