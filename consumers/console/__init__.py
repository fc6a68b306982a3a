"""The console: pages for operators, auditors and the people of the units, rendered on the server."""
