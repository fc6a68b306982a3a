"""Personal data of events under a key of their case: pure; where keys are kept is `infra.vault`."""
