"""`python -m infra.cli` is `linkage`."""

from infra.cli import main

main()
