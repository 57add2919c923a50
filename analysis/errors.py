"""Every error the analysis raises on purpose; each message is one sentence for a person.

* AnalysisError
  + NoLedger        there is nothing to read there
  + LedgerInUse     another process keeps it to itself
  + WrongColumns    it has other columns than this version reads
  + EmptyLedger     it holds no row of what was asked about
  + BadRange        the time range cannot hold anything
  + UnknownMetric   no metric is called that
  + UnknownPolicy   no policy is called that
  + Uncalibrated    the model of a cache is too far from what providers report
  + NoFrames        what estimates is not installed
  + NoNotebook      no notebook is called that, or it cannot be shown
  + NotWritten      what was to be written cannot be

All are the asker's to mend: of a command they are exit code 2.
"""


class AnalysisError(Exception):
    """Base of everything below."""


class NoLedger(AnalysisError):  # noqa: N818  # all of these read as what is the matter
    """There is no ledger where one was looked for, or it cannot be read."""


class LedgerInUse(AnalysisError):  # noqa: N818
    """Another process holds the file, and DuckDB lets no second one in."""


class WrongColumns(AnalysisError):  # noqa: N818
    """The ledger has other columns than this version reads."""


class EmptyLedger(AnalysisError):  # noqa: N818
    """No row is there, or none of those asked about."""


class BadRange(AnalysisError):  # noqa: N818
    """It ends before it begins."""


class UnknownMetric(AnalysisError):  # noqa: N818
    """It is not in METRICS."""


class UnknownPolicy(AnalysisError):  # noqa: N818
    """It is none that requests can be dealt out by."""


class Uncalibrated(AnalysisError):  # noqa: N818
    """What a simulation says would not be worth its interval."""


class NoFrames(AnalysisError):  # noqa: N818
    """A report that estimates something needs packages that are not installed."""


class NoNotebook(AnalysisError):  # noqa: N818
    """There is no notebook of that name, or what shows notebooks is not installed."""


class NotWritten(AnalysisError):  # noqa: N818
    """What was to be written is there already, or cannot be."""
