"""What somebody owns: rows read from a file or typed, found among instruments, followed into the scenario.

Reads everything else in core; nothing of a person is kept, written or cached here.
"""
