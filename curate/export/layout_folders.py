"""Line files in folders of their own, for services that read every file of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .layouts import JsonLines, Writer


@dataclass(frozen=True)
class FolderLines(JsonLines):
    """One JSON object a line; each split's file stands in a folder inside the export."""

    def open(self, folder: Path) -> Writer:
        for name in self.files.values():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        return super().open(folder)
