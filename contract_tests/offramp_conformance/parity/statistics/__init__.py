"""The statistics of a paired comparison, over arrays. Loads numpy and scipy: import it where it is needed."""
