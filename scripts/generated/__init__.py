"""What :mod:`scripts.docs` writes into the docs, one module for each part."""
