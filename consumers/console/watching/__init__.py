"""For auditors and security administrators: the audit, and who may sign in."""
