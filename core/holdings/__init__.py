"""What somebody owns: read as it was written, found among the instruments that hang on this web, and answered."""
