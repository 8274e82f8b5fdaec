"""What the Makefile runs that is easier to read in Python than in shell."""
