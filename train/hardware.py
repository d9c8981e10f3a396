"""The machine: cores that are really ours, threads, device and number format."""

from __future__ import annotations

import contextlib
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

WAIT_POLICY = "OMP_WAIT_POLICY"


def usable_cores() -> int:
    """Cores that this process may use: its affinity, cut by a cgroup quota."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        cores = os.cpu_count() or 1
    quota = _cgroup_cores(Path("/sys/fs/cgroup/cpu.max"))
    return max(1, cores if quota is None else min(cores, int(quota)))


def _cgroup_cores(path: Path) -> float | None:
    with contextlib.suppress(OSError, ValueError):
        quota, period = path.read_text(encoding="ascii").split()
        if quota != "max":
            return float(quota) / float(period)
    return None


def prepare_threads() -> int:
    """Give torch all usable cores, with threads that sleep while they wait.

    Threads that spin at a barrier lose several times their work when another process shares the
    cores, and win almost nothing when none does. The policy is read when torch is first imported.

    Returns:
        The number of threads.
    """
    os.environ.setdefault(WAIT_POLICY, "PASSIVE")
    import torch

    torch.set_num_threads(usable_cores())
    return usable_cores()


def pick_device() -> torch.device:
    """The accelerator where there is one, else the CPU."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe(device: torch.device) -> dict[str, Any]:
    """The machine in a few words, for manifests."""
    import torch

    facts: dict[str, Any] = {
        "device": str(device),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": usable_cores(),
        "threads": torch.get_num_threads(),
        "processor": _processor(),
    }
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        facts |= {"gpu": properties.name, "gpu_memory_mb": properties.total_memory >> 20}
    return facts


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()
