"""The tables of a snapshot, checked, as one frozen web of companies, contracts and promises.

`snapshot` reads rows, `crosscheck` holds them against each other, `refusal` says what is wrong and where,
`web` is what everybody else uses.
"""
