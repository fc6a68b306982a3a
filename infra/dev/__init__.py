"""The development installation: a real broker, a real database and every process, started by one command."""
