"""What a launch leaves in the workspace: the rows that were sent, and the manifest of the tuned model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...schemas.files import read_json, write_json
from ...schemas.version_info import VERSION
from ..manifest import DataRecord
from .hosted import HostedFile, HostedManifest
from .journal import Journal
from .prepare import Prepared, refused_rows

ROWS = "rows.json"
SENT = ("train", "validation")


def data_record(prepared: Prepared) -> DataRecord:
    """The version and the rows of it that the provider trains on; refused rows are named by reason."""
    refused = refused_rows(prepared)
    left_out = {split: {row for ids in refused.get(split, {}).values() for row in ids} for split in SENT}
    sent = [
        row
        for row in prepared.version.listed()
        if row.split == "train" and row.row_id not in left_out["train"]
    ]
    digest = hashlib.sha256("".join(f"{r.row_id} {r.content_id}\n" for r in sent).encode()).hexdigest()
    return DataRecord(
        version=prepared.version.name,
        manifest_sha256=prepared.version.manifest_sha256(),
        rows_sha256=digest,
        row_ids=[row.row_id for row in sent],
        content_ids=[row.content_id for row in sent],
        splits={
            split: {"rows": prepared.report["rows"].get(split, 0), "left_out": refused.get(split, {})}
            for split in SENT
        },
    )


def write_manifest(
    folder: Path, journal: Journal, ids: Mapping[str, str], job_id: str, ended: Mapping[str, Any]
) -> None:
    """Write `manifest.json`, unless it is there; equal journals give equal files.

    Args:
        folder: `models/RUN`.
        journal: The finished journal.
        ids: Split to the file's id at the provider.
        job_id: The job.
        ended: The journal's `end`.
    """
    path = folder / "manifest.json"
    line = journal.first("plan")
    if path.is_file() or line is None:
        return
    manifest = HostedManifest(
        run=line["name"],
        tuneset_version=VERSION,
        service=line["to"],
        destination=line["destination"],
        target=line["target"],
        base=line["model"],
        model=str(ended["model"]),
        job_id=job_id,
        key=line["key"],
        started_at=_seconds(line["at"]),
        finished_at=_seconds(ended["at"]),
        data=DataRecord.model_validate(read_json(folder / ROWS)),
        files={split: HostedFile(id=ids[split], **file) for split, file in line["files"].items()},
        settings=line["settings"],
        details=ended["details"],
    )
    write_json(path, manifest.model_dump())


def _seconds(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(UTC).isoformat(timespec="seconds")
