"""What stands around every page: navigation, levers, headline, address, share, footer."""
