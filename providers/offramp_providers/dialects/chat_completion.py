"""Reads and writes `chat.completion` objects, whichever dialect has them.

Residue stands at three places, each where it was found: of the message in `Message.wire`, of a further choice in
`Alternative.wire`, and of the object itself in `Response.wire`, which holds that of the first choice under `choices`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final, Generic, TypeVar

from offramp.contracts.dialect import EncodedResponse, Target
from offramp.types import (
    Alternative,
    AnyResponse,
    JsonMapping,
    JsonObject,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Part,
    Response,
    Usage,
    Wire,
    status_of,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.encoding import NOTHING, Encoding, residue_of
from offramp_providers.dialects.origins import served_origin
from offramp_providers.dialects.shapes import is_list, is_object, take_text

_RAW_CHOICES: Final = "choices=raw"
"""Marks choices that fit nothing we know, kept as residue."""
_NO_MESSAGE: Final = "message=absent"
_NO_INDEX: Final = "index=absent"

EncodingT = TypeVar("EncodingT", bound=Encoding)


class ChatCompletions(ABC, Generic[EncodingT]):
    """The codec of whole answers. A dialect says what differs: its messages, its words and its counts."""

    name: ClassVar[str]
    """The dialect's."""
    stand_in_id: ClassVar[str]
    """Where the answer has no id."""
    empty_choice: ClassVar[JsonObject]
    """What a choice has even where nothing is known of it."""
    empty_message: ClassVar[JsonObject]
    """What a message has even where nothing is said in it."""

    @abstractmethod
    def encoding(self, target: Target, *, native: bool) -> EncodingT:
        """An encoding of an answer."""

    @abstractmethod
    def read_message(self, raw: JsonObject, served: Origin, place: str) -> Message:
        """The assistant's message; `place` tells it apart from every other."""

    @abstractmethod
    def write_message(self, encoding: EncodingT, message: Message) -> JsonObject | None:
        """The same, written; None where nothing of it can be said, which is then named."""

    @abstractmethod
    def read_outcome(self, raw: str | None, parts: Collection[Part]) -> Outcome:
        """Our kind beside the vendor's word."""

    @abstractmethod
    def write_outcome(self, encoding: EncodingT, outcome: Outcome, said: Collection[Part]) -> str | None:
        """The word, beside the parts that are said."""

    @abstractmethod
    def read_usage(self, raw: JsonObject) -> Usage:
        """The counts."""

    @abstractmethod
    def write_usage(self, encoding: EncodingT, response: AnyResponse) -> JsonObject | None:
        """The same, written."""

    def decode(self, body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> AnyResponse:
        """Read an answer. Its own model and id replace those of the asked origin."""
        left = dict(body)
        served = served_origin(origin, take_text(left, "model"), take_text(left, "id"))
        usage: Any = left.get("usage")
        if is_object(usage):
            del left["usage"]
        choices: Any = left.get("choices")
        if not is_list(choices) or not choices or not all(map(is_object, choices)):
            answers = [_nothing(served, left)]
            form: tuple[str, ...] = (_RAW_CHOICES,)
        else:
            del left["choices"]
            answers = [self._read_choice(choice, place, served) for place, choice in enumerate(choices)]
            first = answers[0].wire
            form = first.form if first else ()
            if first and first.fields:
                left["choices"] = [first.fields]
        return Response(
            answers[0].message,
            answers[0].outcome,
            usage=self.read_usage(usage) if is_object(usage) else Usage(),
            origin=served,
            alternatives=tuple(answers[1:]),
            raw=dict(body),
            wire=Wire(dialect=self.name, fields=left, form=form),
        )

    def _read_choice(self, choice: JsonObject, place: int, served: Origin) -> Alternative:
        left = dict(choice)
        form: list[str] = []
        if "index" not in left:
            form.append(_NO_INDEX)
        elif left["index"] == place and type(left["index"]) is int:
            del left["index"]
        found: Any = left.get("message")
        if is_object(found):
            del left["message"]
            message = self.read_message(found, served, str(served.response_id or place))
        else:
            form.append(_NO_MESSAGE)
            message = Message("assistant", (), origin=served)
        outcome = self.read_outcome(take_text(left, "finish_reason"), message.parts)
        status = status_of(outcome)
        if status != "complete":
            message = replace(message, status=status)
        return Alternative(message, outcome, wire=residue_of(self.name, left, tuple(form)))

    def encode(self, response: AnyResponse) -> EncodedResponse:
        """Write an answer as a server of this dialect would, and name what cannot be said."""
        native = response.wire is not None and response.wire.dialect == self.name
        origin = response.origin or response.message.origin
        encoding = self.answering(origin, native=native)
        residue, form = encoding.own(response, response.wire, None)
        left = dict(residue)
        if left.get("object") == "chat.completion.chunk":
            left["object"] = "chat.completion"  # a stream that was folded
        body: JsonObject = {} if native else {"object": "chat.completion"}
        self._put_origin(encoding, response, origin, body)
        if _RAW_CHOICES not in form or response.message.parts:
            body["choices"] = self._write_choices(encoding, response, left.pop("choices", None), form)
        usage = self.write_usage(encoding, response)
        if usage is not None:
            body["usage"] = usage
        return EncodedResponse(body=under(left, body), losses=encoding.log.resolve(response))

    def answering(self, origin: Origin | None, *, native: bool) -> EncodingT:
        """An encoding in which the answerer speaks this dialect: what it wrote in another one is then foreign."""
        ours = (
            Origin(developer="", host="", dialect=self.name) if origin is None else replace(origin, dialect=self.name)
        )
        return self.encoding(Target(origin=ours), native=native)

    def _put_origin(self, encoding: EncodingT, response: AnyResponse, origin: Origin | None, body: JsonObject) -> None:
        response_id, model = (origin.response_id, origin.model) if origin else (None, None)
        if not encoding.native:
            if response_id is None:
                encoding.log.lose("response_id.injected", response, "origin.response_id")
                response_id = self.stand_in_id
            if model is None:
                encoding.log.lose("envelope.injected", response, "origin.model")
                model = "unknown"
            # Every answer has a time of day, which this one does not: the epoch says so.
            encoding.log.lose("envelope.injected", response, "wire.fields.created")
            body["created"] = 0
        if response_id is not None:
            body["id"] = response_id
        if model is not None:
            body["model"] = model

    def _write_choices(
        self, encoding: EncodingT, response: AnyResponse, residue: Any, form: tuple[str, ...]
    ) -> list[Any]:
        first: JsonObject = residue[0] if is_list(residue) and residue and is_object(residue[0]) else {}
        choices = [self._write_choice(encoding, response.message, response.outcome, 0, (first, form))]
        for place, other in enumerate(response.alternatives, start=1):
            own = encoding.own(other, other.wire, None)
            choices.append(self._write_choice(encoding, other.message, other.outcome, place, own))
        return choices

    def _write_choice(
        self,
        encoding: EncodingT,
        message: Message,
        outcome: Outcome,
        place: int,
        own: tuple[JsonMapping, tuple[str, ...]],
    ) -> JsonObject:
        residue, form = own
        choice: JsonObject = {} if encoding.native else dict(self.empty_choice)
        if "index" not in residue and _NO_INDEX not in form:
            choice["index"] = place
        written: JsonObject = {}
        if _NO_MESSAGE not in form or message.parts:
            written = self.write_message(encoding, message) or {}
            choice["message"] = written if encoding.native else {**self.empty_message, **written}
        said = () if encoding.native else self.read_message(written, encoding.target.origin, "").parts
        word = self.write_outcome(encoding, outcome, said)
        if word is not None:
            choice["finish_reason"] = word
        return under(residue or NOTHING, choice)


def _nothing(served: Origin, left: JsonObject) -> Alternative:
    kind = OutcomeKind.ERROR if left.get("error") is not None else OutcomeKind.UNKNOWN
    return Alternative(Message("assistant", (), origin=served), Outcome(kind))
