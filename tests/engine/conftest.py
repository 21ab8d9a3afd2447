"""A real inference server on a tiny random model, for the time of the session.

The server's scripts are found beside the project root in `../shared/engines`, or by OFFRAMP_ENGINES. Its wheel goes
into an environment of its own in pytest's cache, so that the project's stays as it is.
"""

import os
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Literal

import pytest

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.scripted import scripted_endpoint
from offramp.contracts.transport import Deadlines
from offramp_providers.http_provider import HttpProvider

WHEEL = "xllamacpp==2026.10.11549"
KEY = "sk-engine-test"
DialectName = Literal["openai_chat", "anthropic_messages"]
MakeProvider = Callable[..., HttpProvider]


@dataclass(frozen=True)
class Engine:
    """Where the server listens."""

    url: str
    key: str = KEY


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Generator[Engine]:
    with _running(request) as started:
        yield started


@pytest.fixture(scope="session")
def embedding_engine(request: pytest.FixtureRequest) -> Generator[Engine]:
    """The same server, started to make embeddings."""
    with _running(request, "--embeddings") as started:
        yield started


@contextmanager
def _running(request: pytest.FixtureRequest, *options: str) -> Generator[Engine]:
    scripts = Path(os.environ.get("OFFRAMP_ENGINES") or Path(__file__).parents[2].parent / "shared" / "engines")
    if not (scripts / "tiny_server.py").is_file():
        pytest.skip("no inference server here: set OFFRAMP_ENGINES to the folder of tiny_server.py")
    home = request.config.cache.mkdir("engine")
    python = _python_with_server(home)
    model = home / "tiny.gguf"
    subprocess.run([sys.executable, scripts / "make_tiny_model.py", model], check=True, capture_output=True)
    command = [python, scripts / "tiny_server.py", model, "--port", "0", "--quiet", "--api-key", KEY, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield Engine(_address(server))
        finally:
            server.terminate()
            server.wait(20)


def _python_with_server(home: Path) -> Path:
    python = home / "venv" / "bin" / "python"
    look = f"import importlib.metadata as m, sys; sys.exit(m.version('xllamacpp') != {WHEEL.partition('==')[2]!r})"
    if python.exists() and subprocess.run([python, "-c", look], check=False, capture_output=True).returncode == 0:
        return python
    install = [python, "-m", "pip", "install", "--quiet", "--only-binary", "xllamacpp", WHEEL]
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", home / "venv"], check=True, capture_output=True)
        # The one step of the tests that reaches a package index: the guard of tests/conftest.py is left out of it.
        unguarded = {name: held for name, held in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run(install, check=True, capture_output=True, timeout=180, env=unguarded)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"{WHEEL} cannot be installed here ({type(error).__name__})")
    return python


def _address(server: subprocess.Popen[str]) -> str:
    """The address from the server's READY line; later lines are read so that its pipe never fills."""
    ready: Queue[str] = Queue()

    def listen() -> None:
        for line in server.stdout or ():
            if line.startswith("READY "):
                ready.put(line.split()[1])
        ready.put("")

    threading.Thread(target=listen, daemon=True).start()
    try:
        address = ready.get(timeout=60)
    except Empty:
        address = ""
    if not address:
        pytest.fail("the inference server did not start")
    return address


@pytest.fixture
async def provider_for(engine: Engine) -> AsyncGenerator[MakeProvider]:
    """Makes providers for the server in either dialect, and closes them."""
    made: list[HttpProvider] = []

    def make(dialect: DialectName, *, key: str = engine.key, **profile: Any) -> HttpProvider:
        provider = HttpProvider(_endpoint(engine.url, dialect, key, profile))
        made.append(provider)
        return provider

    yield make
    for provider in made:
        await provider.aclose()


def _endpoint(url: str, dialect: DialectName, key: str, profile: dict[str, Any]) -> Endpoint:
    plain = scripted_endpoint("engine", developer="nobody", host="loopback", model="tiny-random", dialect=dialect)
    settings = {
        "auth": "bearer" if dialect == "openai_chat" else "x-api-key",
        "default_max_output_tokens": 400,
        **profile,
    }
    return replace(
        plain,
        base_url=f"{url}/v1" if dialect == "openai_chat" else url,
        profile=replace(plain.profile, **settings),
        key=lambda: key,
        options={"sampling": True} if dialect == "anthropic_messages" else {},
        deadlines=Deadlines(connect_s=5, first_byte_s=20, idle_s=20, total_s=30),
    )
