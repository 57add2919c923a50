"""The ledger of several hosts: DuckLake, with its catalog in PostgreSQL and Parquet that all reach.

Each worker's journal is the same as ever; the converter of each host writes the same Parquet, but
into the shared folder or object storage, and registers it there in one transaction together with
the name of the journal (`sharing`): a journal counts from the journal, until it counts from there.
`address` says where it is and imports no DuckDB; `catalog` opens it, `views` is for readers,
`upkeep` merges small files and lets old days go.
"""
