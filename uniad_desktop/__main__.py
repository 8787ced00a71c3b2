"""``python -m uniad_desktop``."""

import sys

from uniad_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
