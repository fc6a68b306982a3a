"""Sheets of an office: brought, checked, said, and what became of their rows."""
