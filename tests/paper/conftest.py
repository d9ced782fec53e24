"""The sample certificate of tests/certificate, for tests of its paper."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "certificate"))
