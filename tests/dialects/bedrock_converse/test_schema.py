"""What is written here fits AWS's own service model, as botocore judges it before it sends."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from offramp.errors import CapabilityError
from offramp.types import AnyResponse, GenerateRequest
from offramp_conformance.accounting.crossing import DIALECTS, origin_in, target_in
from offramp_providers.dialects.bedrock_converse import DIALECT
from support.cassettes import answers, requests
from support.recorded import recorded_answers, recorded_requests
from support.saturated import request_cases, response_cases

OTHERS = [name for name in DIALECTS if name != DIALECT.name]


@pytest.fixture(scope="module")
def model() -> Any:
    loaders: Any = pytest.importorskip("botocore.loaders", reason="botocore is not installed")
    models: Any = pytest.importorskip("botocore.model")
    return models.ServiceModel(loaders.Loader().load_service_model("bedrock-runtime", "service-2"))


REVIEWED = (
    # A call, or a choice, of a tool without a name is said as it was: the vendor refuses what nobody can mend.
    r"Invalid length for parameter .*(toolUse|toolChoice\.tool|toolSpec)\.name, value: 0, .*",
    # The vendor's own tool is sent as its author wrote it, and these were made up.
    r".* toolConfig\.tools\[\d+\](\.|:).*toolSpec, systemTool, cachePoint\.?",
)
"""Accepted deviations."""


def faults(body: Any, shape: Any) -> str:
    validate: Any = pytest.importorskip("botocore.validate")
    report: str = validate.ParamValidator().validate(body, shape).generate_report()
    lines = report.splitlines()
    return "\n".join(line for line in lines if not any(re.fullmatch(known, line) for known in REVIEWED))


def asked(source: str) -> Iterator[GenerateRequest]:
    yield from recorded_requests(source).values()
    yield from request_cases(origin_in(source))


def answered(source: str) -> Iterator[AnyResponse]:
    yield from recorded_answers(source).values()
    yield from response_cases(origin_in(source))


@pytest.mark.parametrize("source", OTHERS)
def test_every_request_of_another_dialect_fits_the_service_model(source: str, model: Any) -> None:
    shape = model.operation_model("Converse").input_shape
    broken, judged = Counter[str](), 0
    for request in asked(source):
        try:
            body = DIALECT.encode_request(request, target_in(DIALECT.name)).body
        except CapabilityError:
            continue
        judged += 1
        broken[faults({"modelId": "m", **body}, shape)] += 1

    assert list(broken) == [""]
    assert judged > 100


# What is not known is left out: no count is invented, nor how long it took.
_UNKNOWN = ("usage", "metrics", "inputTokens", "outputTokens", "totalTokens")


@pytest.mark.parametrize("source", OTHERS)
def test_every_answer_of_another_dialect_fits_the_service_model(source: str, model: Any) -> None:
    shape = model.operation_model("Converse").output_shape
    broken = Counter[str]()
    for answer in answered(source):
        report = faults(DIALECT.encode_response(answer).body, shape)
        told = [line for line in report.splitlines() if not line.startswith("Missing") or _is_of_substance(line)]
        broken["\n".join(told)] += 1

    assert list(broken) == [""]


def _is_of_substance(line: str) -> bool:
    return not any(f'"{name}"' in line for name in _UNKNOWN)


def test_the_judge_accepts_what_was_recorded_and_refuses_what_is_wrong(model: Any) -> None:
    shape = model.operation_model("Converse").input_shape
    bodies = [body for _, _, body in requests("bedrock.converse")]

    assert [report for body in bodies if (report := faults({"modelId": "m", **body}, shape))] == []
    assert "temperature" in faults({"modelId": "m", "inferenceConfig": {"temperature": "hot"}}, shape)
    assert len(list(answers("bedrock.converse"))) > 70
