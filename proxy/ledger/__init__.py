"""The ledger: a journal for whoever writes, DuckDB for whoever reads.

A worker appends one line per exchange to its own journal (`journal`); one converter process turns
journals that nobody writes any more into immutable Parquet (`converter`); `ledger.duckdb` holds
views over both (`views`). A row is there for every reader as soon as its line is written, and no
reader can stop a writer. `schema.sql` says what the columns are.

Importing this package, `folder`, `line`, `sync`, `journal` or `child` does not import DuckDB.
"""
