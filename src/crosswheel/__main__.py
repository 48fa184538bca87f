"""``python -m crosswheel`` and the ``crosswheel`` script."""

from crosswheel.cli import main

if __name__ == "__main__":
    main()
