"""Any model that LiteLLM reaches: data only."""
