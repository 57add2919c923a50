"""The SQL of metrics, one file each; `analysis.load` names the rows they select from."""
