"""The limits that profiles claim, against what encoders do."""

import re

import pytest

from offramp.catalog import load_profile, vendor_names
from offramp_providers.dialects.anthropic_messages.schema import _REFUSED as ANTHROPIC_REFUSED
from offramp_providers.dialects.openai_chat.options import DEFAULTS
from offramp_providers.dialects.strict_schema import _REFUSED as CHAT_REFUSED

CHAT_VENDORS = [name for name in vendor_names() if load_profile(name).dialect == "openai_chat"]


@pytest.mark.parametrize("vendor", CHAT_VENDORS)
def test_the_claimed_number_of_stop_sequences_is_the_one_that_is_written(vendor: str):
    profile = load_profile(vendor)
    limits = profile.capabilities["stop"].limits if "stop" in profile.capabilities else None

    assert limits is None or limits.count == profile.options.get("stop_limit", DEFAULTS["stop_limit"])


def test_no_keyword_is_claimed_that_an_encoder_takes_out():
    enforced = load_profile("anthropic").capabilities["structured_output"].limits

    assert enforced
    assert ANTHROPIC_REFUSED.isdisjoint(enforced.keywords or ())
    chat = load_profile("openai").capabilities["structured_output"].limits
    assert chat
    assert CHAT_REFUSED.isdisjoint(chat.keywords or ())


@pytest.mark.parametrize("vendor", vendor_names())
def test_a_vendor_takes_the_names_that_its_dialect_lets_through(vendor: str):
    limits = load_profile(vendor).capabilities["tools"].limits

    assert limits is None or limits.name_pattern is None or re.fullmatch(limits.name_pattern, "units_near-2")
