"""The apt vendor: an emulated one that behaves as a competent model behind an honest host does.

It judges requests by the emulator's own rules and writes answers by the emulator's own hand, which share no code with
our codecs; only what a request means is read by a codec. On every check that it can be asked, it is found honest.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any, Final

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.types import GenerateRequest, JsonObject, Origin, ReasoningOff, SchemaOutput, value
from offramp_conformance.liars.asides import Asides, Question, Told
from offramp_conformance.liars.mind.thinking import answer
from offramp_conformance.liars.mind.turn import Turn
from offramp_conformance.liars.places import Place
from offramp_conformance.liars.refusals import is_schema, no_schema, too_long
from offramp_conformance.liars.tokens import tokens_of
from offramp_providers.emulator.answers import Answer
from offramp_providers.emulator.config import Behaviour, EmulatorConfig
from offramp_providers.emulator.directives import Directive
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.vendor import Vendor, Verdict
from offramp_providers.emulator.wire import Reply, Writing, dumped
from offramp_providers.installed import find_dialect
from offramp_providers.wire_json import decode_json

_NO_CHANCE: Final = Random(0)  # noqa: S311  # for reading alone
_ONLY_THE_LIKELIEST: Final = 0.05
"""Below this top-p no second word is ever taken."""


@value
class Means:
    """What an apt vendor has at its disposal."""

    context_tokens: int = 100_000
    """The most that it reads, the answer included."""


class AptVendor(Vendor):
    """Answers as a competent model would."""

    def __init__(self, config: EmulatorConfig, place: Place, means: Means | None = None) -> None:
        super().__init__(config)
        self.means = means or Means()
        self._dialect = find_dialect(config.dialect)
        self._asides = Asides(self._dialect, place)
        self._origin = Origin(developer=place.vendor, host=place.vendor, dialect=config.dialect, model=place.model)

    # What it understands.

    def understood(self, body: JsonObject) -> GenerateRequest:
        """What a request means."""
        told = {key: held for key, held in body.items() if not key.startswith(":")}
        return self._dialect.decode_request(told, {}, self._origin)

    @override
    def tokens_in(self, body: JsonObject) -> int:
        return tokens_of(self.understood(body))

    @override
    def decide(self, body: JsonObject, behaviour: Behaviour) -> Verdict:
        tokens, most = self.tokens_in(body), self.means.context_tokens
        if tokens > most:
            return Verdict(too_long(self.config.dialect, tokens, most))
        output = self.understood(body).output
        if isinstance(output, SchemaOutput) and not is_schema(output.schema):
            return Verdict(no_schema(self.config.dialect))
        return super().decide(body, behaviour)

    # What it says.

    @override
    def writing(self, body: JsonObject, reading: Reading, script: Mapping[str, Directive]) -> Writing:
        made = super().writing(body, reading, script)
        return made if script else replace(made, answers=self.answers(self.understood(body), made))

    def answers(self, request: GenerateRequest, writing: Writing) -> tuple[Answer, ...]:
        """One for each candidate."""
        thinks = _thinks(request, writing.reading)
        chances = (self._chance(request, writing, index) for index in range(writing.reading.candidates))
        return tuple(answer(Turn(request, chance), thinks=thinks) for chance in chances)

    def _chance(self, request: GenerateRequest, writing: Writing, index: int) -> Random:
        """The same for the same request, where it asks for that."""
        if not _leaves_no_choice(request):
            return writing.chance(f"answer {index}")
        said = "\0".join(Turn(request, _NO_CHANCE).heard).encode("utf-8", "replace")
        digest = hashlib.sha256(said).hexdigest()
        return Random(f"{self.config.seed} {request.seed} {digest} {index}")  # noqa: S311  # no secret

    # What it is asked besides.

    @override
    def aside(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> Reply | None:
        codec = self._asides.codec(method, path)
        if codec is None:
            return None
        signed = {**headers, ":path": path, ":content-sha256": hashlib.sha256(raw).hexdigest()}
        rejection = self.check(None, signed)
        if rejection is not None and rejection.rule != "body_object":  # headers count; the body has rules of its own
            return _json(rejection.status, self.side.error_body(rejection, ""))
        try:
            body: Any = decode_json(raw) if raw else {}
        except ValueError:
            return _json(400, {"error": {"message": "the body is not JSON"}})
        asked = self._asides.understood(codec, body, {":path": path})
        return _json(200, codec.encode_response(self.told(asked)).body)

    def told(self, asked: Question) -> Told:
        """The answer to a question besides."""
        return self._asides.answered(asked)


def _json(status: int, body: JsonObject) -> Reply:
    return Reply(status, {"content-type": "application/json"}, dumped(body).encode("utf-8", "replace"))


def _leaves_no_choice(request: GenerateRequest) -> bool:
    """Whether the same request is to get the same answer."""
    only_one = request.top_k == 1 or (request.top_p is not None and request.top_p < _ONLY_THE_LIKELIEST)
    return request.seed is not None or request.temperature == 0 or only_one


def _thinks(request: GenerateRequest, reading: Reading) -> bool:
    """Whether an answer begins with thinking: where it was asked for, in whatever way the vendor has."""
    if reading.thinking in ("shown", "omitted"):
        return True
    asked = request.reasoning
    if reading.thinking == "off" or asked is None or isinstance(asked.mode, ReasoningOff):
        return False
    return asked.mode is not None or asked.effort not in (None, "none")
