"""Vendors, one folder each: data."""
