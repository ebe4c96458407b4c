"""Makes the support tables from the vendor's documentation and packages: `python -m tools.support --help`."""
