"""What a person may change: levers and their settings, and how a scenario travels in a link or a file."""
