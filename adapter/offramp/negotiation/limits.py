"""What one request carries, held against the limits of the capabilities that it uses."""

import re
from collections.abc import Iterator

from offramp.contracts.capability import Capability, Finding, Limits, Requirement
from offramp.negotiation.claims import cited
from offramp.types import DataSource, FunctionTool, GenerateRequest, Media, MediaKind

MEDIA: dict[Requirement, MediaKind] = {
    "input.images": "image",
    "input.documents": "document",
    "input.audio": "audio",
    "input.video": "video",
}


def beyond(request: GenerateRequest, requirement: Requirement, claim: Capability) -> Finding | None:
    """How the request goes beyond a limit; None where it stays within, or no limit is known.

    What an encoder can mend by a named loss, such as a stop sequence too many, is the encoder's to name.
    """
    limits = claim.limits
    if limits is None:
        return None
    faults = _of_tools(request, limits) if requirement == "tools" else _of_media(request, requirement, limits)
    why = next(faults, None)
    if why is None:
        return None
    evidence = limits.evidence or claim.evidence
    return Finding(requirement=requirement, fit="unsatisfiable", why=cited(why, evidence), evidence=evidence)


def _of_tools(request: GenerateRequest, limits: Limits) -> Iterator[str]:
    names = [tool.name for tool in request.tools if isinstance(tool, FunctionTool)]
    if limits.count is not None and len(names) > limits.count:
        yield f"{len(names)} functions, takes {limits.count} at most"
    if limits.name_pattern is not None:
        refused = [name for name in names if not re.fullmatch(limits.name_pattern, name)]
        if refused:
            yield f"the name {refused[0]!r} does not match {limits.name_pattern}"


def _of_media(request: GenerateRequest, requirement: Requirement, limits: Limits) -> Iterator[str]:
    kind = MEDIA.get(requirement)
    found = [
        part
        for message in request.messages
        if message.role == "user"
        for part in message.parts
        if isinstance(part, Media) and part.kind == kind
    ]
    if limits.count is not None and len(found) > limits.count:
        yield f"{len(found)} {kind} parts, takes {limits.count} at most"
    sizes = [len(part.source.base64) * 3 // 4 for part in found if isinstance(part.source, DataSource)]
    if limits.largest_bytes is not None and sizes and max(sizes) > limits.largest_bytes:
        yield f"{max(sizes)} bytes of {kind}, takes {limits.largest_bytes} at most"
