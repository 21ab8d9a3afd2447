"""What is not permitted is not sent: a provider holds to its token on every entry point, and stops when it is cut."""

from collections.abc import Awaitable, Callable
from typing import Final

from offramp.contracts.operations import COUNT_TOKENS, EMBED, LIST_MODELS, AnyOperation
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall
from offramp.errors import OfframpError, Prohibited, StateError
from offramp.types import EmbedInput, EmbedRequest, GenerateRequest, Identity, ListModels, Text, changed, user
from offramp_conformance.checks.prompts import essay, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Unaskable, broken, expect, held, unclear
from offramp_conformance.suite.sending import permitted
from offramp_conformance.suite.subject import Subject
from offramp_conformance.suite.tokens import CheckToken
from offramp_conformance.suite.wire_tap import TAP, Tapped

_LOOK_AT: Final = "Where the provider spends its token: it must be the last thing before the first byte."


@check(
    "policy.stopped.whole",
    level="MUST",
    axis="wire",
    proves="A question that an order stops at the last moment is not sent.",
    look_at=_LOOK_AT,
    tries=1,
    calls=0,
)
async def stopped_whole(subject: Subject) -> Observation:
    call = subject.prepared(say(subject.word()))
    return await _refused(call, CheckToken(subject.endpoint.identity), subject.bench.provider.send)


@check(
    "policy.stopped.stream",
    level="MUST",
    axis="wire",
    proves="A stream that an order stops at the last moment is not opened.",
    look_at=_LOOK_AT,
    tries=1,
    calls=0,
)
async def stopped_stream(subject: Subject) -> Observation:
    async def read(call: PreparedCall, *, token: SendToken) -> None:
        async with subject.bench.provider.stream(call, token=token) as reads:
            async for _ in reads:
                return

    call = subject.prepared(changed(GenerateRequest((user(say(subject.word())),)), stream=True))
    return await _refused(call, CheckToken(subject.endpoint.identity), read)


@check(
    "policy.stopped.count",
    level="MUST",
    axis="wire",
    proves="A count of tokens that an order stops at the last moment is not asked for.",
    look_at=_LOOK_AT,
    verifies="count_tokens",
    tries=1,
    calls=0,
)
async def stopped_count(subject: Subject) -> Observation:
    return await _operation(
        subject, COUNT_TOKENS, GenerateRequest((user("Hello."),), model=subject.endpoint.identity.model)
    )


@check(
    "policy.stopped.embed",
    level="MUST",
    axis="wire",
    proves="An embedding that an order stops at the last moment is not asked for.",
    look_at=_LOOK_AT,
    verifies="embeddings",
    tries=1,
    calls=0,
)
async def stopped_embed(subject: Subject) -> Observation:
    return await _operation(subject, EMBED, EmbedRequest((EmbedInput((Text("Hello."),)),), purpose="query"))


@check(
    "policy.stopped.models",
    level="MUST",
    axis="wire",
    proves="A list of models that an order stops at the last moment is not asked for.",
    look_at=_LOOK_AT,
    verifies="models",
    tries=1,
    calls=0,
)
async def stopped_models(subject: Subject) -> Observation:
    return await _operation(subject, LIST_MODELS, ListModels())


@check(
    "policy.token.own",
    level="MUST",
    axis="wire",
    proves="A token for another endpoint permits nothing here.",
    look_at="Whether the provider compares the token's identity with its own.",
    tries=1,
)
async def others_token(subject: Subject) -> Observation:
    other = Identity(endpoint="other", developer="other", host="other", model="other")
    request = GenerateRequest((user(say(subject.word())),))
    call = subject.prepared(request)
    with permitted(subject.bench, subject.who, request) as permit:
        token = CheckToken(other, permit.token)
        return await _refused(call, token, subject.bench.provider.send, errors=(StateError, Prohibited))


@check(
    "policy.cut",
    level="MUST",
    axis="wire",
    proves="A stream that an order cuts ends at once, as prohibited, and nothing of it comes later.",
    look_at="Whether the provider registers with its token to be cut.",
    verifies="streaming",
    tries=1,
)
async def cut(subject: Subject) -> Observation:
    request = changed(GenerateRequest((user(essay("rivers")),)), stream=True)
    call = subject.prepared(request)
    with permitted(subject.bench, subject.who, request) as permit:
        token = CheckToken(subject.endpoint.identity, permit.token)
        try:
            later = await _read_and_cut(subject, call, token)
        except Prohibited:
            return held()
        except OfframpError as error:
            return broken(f"a cut stream ends as {type(error).__name__}, not as prohibited")
    if later:
        return broken("something came after the order")
    return unclear("the answer had come in one piece before it could be cut")


async def _read_and_cut(subject: Subject, call: PreparedCall, token: CheckToken) -> bool:
    """Read to the end, with an order after the first piece; whether something came after it."""
    later = False
    async with subject.bench.provider.stream(call, token=token) as reads:
        async for read in reads:
            later = later or (token.cut and any(batch.events for batch in read))
            if not token.cut:
                token.order()
    return later


async def _operation(subject: Subject, operation: AnyOperation, asked: object) -> Observation:
    try:
        call = subject.bench.provider.prepare_operation(operation, asked)
    except OfframpError as error:
        raise Unaskable(error.what) from error

    async def perform(call: PreparedCall, *, token: SendToken) -> None:
        await subject.bench.provider.perform(operation, call, token=token)

    return await _refused(call, CheckToken(subject.endpoint.identity), perform)


async def _refused(
    call: PreparedCall,
    token: CheckToken,
    send: Callable[..., Awaitable[object]],
    *,
    errors: tuple[type[OfframpError], ...] = (Prohibited,),
) -> Observation:
    """Send under a token that does not permit it, and see that no answer comes."""
    tap = Tapped()
    outer = TAP.set(tap)
    try:
        await send(call, token=token)
    except errors:
        pass
    except OfframpError as error:
        return broken(f"what was stopped ends as {type(error).__name__}")
    else:
        return broken("it was sent though its token does not permit it")
    finally:
        TAP.reset(outer)
    expect(tap.status is None, "an answer came to what was not to be sent")
    expect(token.released, "the token was not given back")
    return held()
