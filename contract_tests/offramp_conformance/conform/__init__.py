"""`offramp conform`: can this endpoint carry this mission, and on what evidence."""
