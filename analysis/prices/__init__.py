"""What attempts cost: the price book of the models in a ledger, for a join in SQL.

`book` makes it, and knows no frames; `frame` gives it as one.
"""
