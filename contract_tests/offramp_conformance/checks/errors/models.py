"""A model that there is not."""

from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_conformance.checks.errors.provoking import told_as
from offramp_conformance.checks.prompts import say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, broken, held, unclear
from offramp_conformance.suite.subject import Subject
from offramp_conformance.suite.tampering import other_model

_K = ProviderErrorKind
_GONE: Final = (_K.MODEL_NOT_FOUND, _K.MODEL_RETIRED, _K.PERMISSION)
_NO_SUCH: Final = "offramp-no-such-model"


async def _asked(subject: Subject) -> Exchanged:
    tamper = other_model(subject.endpoint.identity.model, _NO_SUCH)
    return await subject.ask(say("yes"), tamper=tamper, max_output_tokens=32)


@check(
    "errors.unknown_model.not_impersonated",
    level="MUST",
    axis="wire",
    proves="No answer claims to be of a model that there is not.",
    look_at="Whether the host writes the name that was asked for into every answer.",
    tries=1,
)
async def not_impersonated(subject: Subject) -> Observation:
    made = await _asked(subject)
    if isinstance(made.error, ProviderError) and made.error.status is not None:
        return held("it is not answered")
    if made.response is None or made.error is not None:
        return told_as(made, (), "a model that there is not")
    served = made.response.origin.model if made.response.origin else None
    if served is None:
        return unclear("it answers, and does not say which model has")
    if served == _NO_SUCH:
        return broken("a model that there is not is said to have answered")
    return held("another model answers, and says so")


@check(
    "errors.unknown_model.refused",
    level="SHOULD",
    axis="wire",
    proves="A model that there is not is refused as the caller's fault.",
    look_at="A host that answers by another model, or fails as if it could be tried again.",
    tries=1,
)
async def refused(subject: Subject) -> Observation:
    return told_as(await _asked(subject), (*_GONE, _K.INVALID_REQUEST, _K.AUTHENTICATION), "a model that there is not")


@check(
    "errors.unknown_model.told",
    level="MAY",
    axis="wire",
    proves="A model that there is not is told as that.",
    look_at="The code of the error: only this kind says that the model is gone.",
    tries=1,
)
async def told(subject: Subject) -> Observation:
    return told_as(await _asked(subject), _GONE, "a model that there is not")
