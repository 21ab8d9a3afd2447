"""Offramp: leave one model vendor for another without stopping."""
