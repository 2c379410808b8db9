"""Makes `python -m lineside` the command `lineside`."""

from lineside.cli import main

if __name__ == "__main__":
    main()
