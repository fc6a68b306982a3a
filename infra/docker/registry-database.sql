-- The schema registry keeps its data apart from the bus.
CREATE DATABASE registry;
