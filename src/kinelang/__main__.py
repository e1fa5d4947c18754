"""`python -m kinelang` is the `kinelang` command."""

from kinelang.cli import main

if __name__ == "__main__":
    main()
