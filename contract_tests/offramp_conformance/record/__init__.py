"""`offramp record`: watch what an application really asks of its vendor, and write the contract that says so."""
