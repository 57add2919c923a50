"""What attempts cost: the price book of the models in a ledger, for a join in SQL."""

from analysis.prices.book import BOOK, price_book, with_prices

__all__ = ["BOOK", "price_book", "with_prices"]
