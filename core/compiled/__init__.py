"""How rules are compiled (`jit`), run as plain Python (`plain`), and kept for the next start (`cache`).

The rules themselves stand elsewhere: those of the textbook in `core.finance`, those of the model above it.
"""
