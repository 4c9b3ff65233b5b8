"""`python -m claw`."""

import sys

from claw.cli import main

sys.exit(main())
