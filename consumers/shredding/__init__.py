"""Destroying the key of a case, on the word of two people."""
