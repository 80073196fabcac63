"""What somebody owns: rows that were typed or come from a broker's file, found again in the web and answered.

A file or a text becomes rows (`reader`) without being run, fetched or written; what each row is called in the
web, and what a scenario does to it, stands beside it. What cannot be known stays unknown.
"""
