"""Makes the helpers beside this file (synthetic motions, shared data) importable from every test folder."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
settings.register_profile("kinelang", deadline=None)  # speed is measured in bench/, not by tests on a busy machine
settings.load_profile("kinelang")
