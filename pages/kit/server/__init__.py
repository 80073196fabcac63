"""The front door of the server (`asgi.py`): what a link says before it is opened, headers, wrong paths.

It speaks outside any session, with the words of the pages and the core behind them (`visit.reading`).
"""
