"""Addresses for people (`public`, by language) and for machines."""
