"""Run the command line: `pointsman …`, or `python -m proxy …`."""

from proxy.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
