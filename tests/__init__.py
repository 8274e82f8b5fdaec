"""The tests: unit, functional, end to end, and the simulator that they run on."""
