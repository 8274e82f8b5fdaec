"""Events through the real handler: the simulator for time and refusals, moto for an opinion of its own."""
