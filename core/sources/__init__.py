"""What is said about the data: facts and claims, formulas, terms, method, and the data book itself.

Nothing here changes a result. Pages quote it, so that every figure can say where it comes from.
"""
