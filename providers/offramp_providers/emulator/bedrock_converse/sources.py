"""The documents that the rules of this folder rest on."""

from typing import Final

MODEL: Final = "botocore service model bedrock-runtime of 2026-08-07, read 2026-11-26"
SIGV4: Final = "docs.aws.amazon.com, Signature Version 4 signing process, as botocore 1.44.8 implements it"
RECORDED: Final = "recorded traffic of open-telemetry/opentelemetry-python-contrib@466ae4c0, read 2026-11-26"
ISSUES: Final = "issues strands-agents/harness-sdk 1435, camel-ai 3954, quarkus-langchain4j 1983"
UNREAD: Final = "recalled, not read"
