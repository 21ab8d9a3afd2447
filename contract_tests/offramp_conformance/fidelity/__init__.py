"""`make fidelity`: how much of recorded traffic passes through the dialects exactly, and what of the rest is named."""
