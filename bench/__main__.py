"""`python3 run.py bench NAME …`: runs bench/NAME.py."""

import importlib
import sys
from pathlib import Path

NAMES = sorted(p.stem for p in Path(__file__).parent.glob("[!_]*.py") if "\ndef main" in p.read_text("utf-8"))


def run() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"Say which: {', '.join(NAMES)}")
    name = sys.argv.pop(1)
    importlib.import_module(f"bench.{name}").main()


run()
