"""How to talk to vendors, and to whom. Found by `offramp` through entry points, never imported by it."""
