"""`python -m neuromech` is the same as `neuromech`."""

import sys

from neuromech.cli.main import main

sys.exit(main())
