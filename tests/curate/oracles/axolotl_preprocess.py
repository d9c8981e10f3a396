"""`axolotl preprocess axolotl.yaml` in the working folder: `python axolotl_preprocess.py`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:] = [folder for folder in sys.path if folder and Path(folder) != _HERE]  # axolotl.py stands here
runpy.run_path(str(_HERE / "axolotl.py"))["prepare"]()  # the processes that Axolotl starts need it too

if __name__ == "__main__":
    from axolotl.cli.preprocess import do_cli

    do_cli(config="axolotl.yaml")
