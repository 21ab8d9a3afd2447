"""Libraries that stand between us and the long tail of vendors, each held in a process of its own."""
