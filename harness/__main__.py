"""``python -m harness``."""

import sys

try:
    from harness.cli import main

    code = main()
except KeyboardInterrupt:  # while it was being imported
    code = 130
sys.exit(code)
