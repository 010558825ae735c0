"""`python -m panel`: the same as the `panel` command."""

from panel.cli import main

if __name__ == "__main__":
    main()
