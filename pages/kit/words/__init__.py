"""Figures and names in the reader's language: catalogues, numbers and units, terms, labels of the data."""
