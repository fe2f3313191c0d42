"""`python -m neuromech` is the same as `neuromech`."""

import sys

from neuromech.cli import main

sys.exit(main())
