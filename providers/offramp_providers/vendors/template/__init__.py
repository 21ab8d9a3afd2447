"""What `offramp vendors new` starts a vendor's package from; no vendor itself."""
