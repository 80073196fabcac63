"""What every page is made of: the frame, the levers, the address, numbers, words, charts and tables."""
