"""For operators and auditors: streams, records that were not applied, deliveries."""
