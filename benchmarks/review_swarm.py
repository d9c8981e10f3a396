"""Many reviewers at full speed; workers and servers are killed. No decision may be lost or doubled.

    review_swarm.py --engine postgresql --workers 50 --decisions 10000 --worker-kills 100 --server-kills 5

Engines: sqlite (every worker opens the file), service (one process with a pool of threads on an SQLite
file; the server that is killed is that process), postgresql (every worker connects; PostgreSQL is killed).
A decision counts as acknowledged when its worker was told that it is stored. Checked at the end: every
acknowledged one is stored, none twice, no row has two decisions, and the whole record verifies.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WORKER = [sys.executable, str(HERE / "review_worker.py")]
ENGINES = ("sqlite", "service", "postgresql")


def postgres_server() -> Any:
    """A PostgreSQL server of our own, as the tests start it."""
    spec = importlib.util.spec_from_file_location(
        "postgres_server", HERE.parent / "tests" / "review_app" / "postgres_server.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Server()


class Engine:
    """Where the decisions go, and the server that can be killed."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.place = str(folder / "review.db")
        self.arguments: list[str] = []
        self._postgres: Any = None
        self._service: subprocess.Popen[bytes] | None = None
        self.restarts: list[float] = []
        if kind == "postgresql":
            self._postgres = postgres_server()
            self._postgres.start()
            self.place = self._postgres.url("swarm")
        elif kind == "service":
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.arguments = ["--port", str(probe.getsockname()[1])]

    def ready(self) -> None:
        if self.kind == "service":
            self._service = subprocess.Popen(
                [*WORKER, "serve", self.place, *self.arguments], stdout=subprocess.PIPE
            )
            assert self._service.stdout is not None
            self._service.stdout.readline()

    def kill_server(self) -> None:
        start = time.monotonic()
        if self._postgres is not None:
            self._postgres.kill()
            self._postgres.start()
        elif self._service is not None:
            self._service.send_signal(signal.SIGKILL)
            self._service.wait()
            self.ready()
        self.restarts.append(time.monotonic() - start)

    def close(self) -> None:
        if self._service is not None:
            self._service.kill()
            self._service.wait()
        if self._postgres is not None:
            self._postgres.close()


class Worker(threading.Thread):
    """One reviewer's process, started again when it was killed."""

    def __init__(self, n: int, engine: Engine, decisions: int, swarm: Swarm) -> None:
        super().__init__(daemon=True)
        self.n, self.engine, self.decisions, self.swarm = n, engine, decisions, swarm
        self.process: subprocess.Popen[bytes] | None = None
        self.killed = False
        self.done = 0

    def run(self) -> None:
        while True:
            self.killed = False
            command = [*WORKER, "work", self.engine.place, "--name", f"p{self.n}", "--n", str(self.decisions)]
            command += ["--start", str(self.done), "--pause", str(self.swarm.pause), *self.engine.arguments]
            with tempfile.TemporaryFile() as errors:
                self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
                assert self.process.stdout is not None
                for line in self.process.stdout:
                    told = line.split()
                    if line.endswith(b"\n") and len(told) == 3:
                        self.swarm.acked[told[1].decode()] += 1
                        self.swarm.ms.append(float(told[2]))
                        self.swarm.last = time.monotonic()
                        self.done += 1
                code = self.process.wait()
                if not (self.killed and code):
                    errors.seek(0)
                    if code:
                        self.swarm.failures.append(errors.read().decode()[-800:])
                    return

    def kill(self) -> bool:
        process = self.process
        if process is None or process.poll() is not None or not self.done:
            return False
        self.killed = True
        process.kill()
        return True


class Swarm:
    """One run."""

    def __init__(self, engine: Engine, *, workers: int, decisions: int, pause: float) -> None:
        self.pause = pause
        self.acked: Counter[str] = Counter()
        self.ms: list[float] = []
        self.failures: list[str] = []
        self.engine = engine
        self.last = time.monotonic()
        share, more = divmod(decisions, workers)
        self.workers = [Worker(n, engine, share + (n < more), self) for n in range(workers)]
        self.total = decisions

    def run(self, *, worker_kills: int, server_kills: int, seed: int) -> tuple[int, int]:
        """Start everyone; kills are spread over the run by how far it is."""
        chance = random.Random(seed)
        plan = sorted(
            [(chance.uniform(0.02, 0.9), "worker") for _ in range(worker_kills)]
            + [(chance.uniform(0.05, 0.9), "server") for _ in range(server_kills)]
        )
        for worker in self.workers:
            worker.start()
        killed = Counter[str]()
        for share, kind in plan:
            while len(self.ms) < share * self.total and any(w.is_alive() for w in self.workers):
                time.sleep(0.01)
            if kind == "server":
                self.engine.kill_server()
                killed["server"] += 1
            else:
                chance.shuffle(self.workers)
                killed["worker"] += any(w.kill() for w in self.workers)
        for worker in self.workers:
            worker.join()
        return killed["worker"], killed["server"]


def _told(*arguments: str) -> str:
    return subprocess.run([*WORKER, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def swarm(
    kind: str,
    *,
    workers: int,
    decisions: int,
    worker_kills: int = 0,
    server_kills: int = 0,
    seed: int = 1,
    pause: float = 0,
) -> dict[str, Any]:
    """Run one swarm, and compare what was acknowledged with what is stored.

    Args:
        kind: The engine, one of `ENGINES`.
        workers: Reviewers, each a process.
        decisions: Decisions in all.
        worker_kills: Reviewers killed on the way, each started again.
        server_kills: How often the server is killed and started again.
        seed: Of the moments of the kills.
        pause: Seconds that a reviewer rests after each decision.
    """
    with tempfile.TemporaryDirectory(prefix="review-swarm-") as folder:
        engine = Engine(kind, Path(folder))
        try:
            _told(
                "setup",
                engine.place,
                "--items",
                str(decisions + worker_kills + workers),
                "--people",
                str(workers),
            )
            engine.ready()
            run = Swarm(engine, workers=workers, decisions=decisions, pause=pause)
            start = time.monotonic()
            kills = run.run(worker_kills=worker_kills, server_kills=server_kills, seed=seed)
            seconds = run.last - start
            lines = [line.split() for line in _told("dump", engine.place).splitlines()]
            verified = _told("verify", engine.place).startswith("Chain(")
        finally:
            engine.close()
    stored = Counter(line[0] for line in lines)
    rows = Counter(line[1] for line in lines)
    ms = sorted(run.ms)
    return {
        "engine": kind,
        "workers": workers,
        "pause": pause,
        "decisions": len(ms),
        "worker_kills": kills[0],
        "server_kills": kills[1],
        "lost": len(set(run.acked) - set(stored)),
        "doubled": sum(n > 1 for n in stored.values()) + sum(n > 1 for n in rows.values()),
        "stored_unacknowledged": len(set(stored) - set(run.acked)),
        "verified": verified,
        "failed_workers": run.failures,
        "per_second": round(len(ms) / seconds, 1),
        "p50_ms": ms[len(ms) // 2],
        "p95_ms": ms[int(len(ms) * 0.95)],
        "max_ms": ms[-1],
        "restart_s": [round(s, 1) for s in engine.restarts],
    }


def line(told: dict[str, Any]) -> str:
    """One run, for people."""
    return (
        f"{told['engine']:10s} {told['workers']:3d} writers {told['pause']:2.0f} s apart"
        f"  {told['decisions']:6d} decisions"
        f"  {told['worker_kills']:3d} + {told['server_kills']} kills"
        f"  lost {told['lost']}  doubled {told['doubled']}  verifies {told['verified']}"
        f"  {told['per_second']:7.1f}/s  decide p50 {told['p50_ms']:.1f} p95 {told['p95_ms']:.1f} ms"
    )


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--engine", choices=ENGINES, default="sqlite")
    ap.add_argument("--workers", type=int, default=50)
    ap.add_argument("--decisions", type=int, default=10_000)
    ap.add_argument("--worker-kills", type=int, default=0)
    ap.add_argument("--server-kills", type=int, default=0)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--pause", type=float, default=0, help="seconds a reviewer rests after each decision")
    ap.add_argument("--json", action="store_true")
    told = vars(ap.parse_args())
    as_json = told.pop("json")
    result = swarm(told.pop("engine"), **told)
    print(json.dumps(result) if as_json else line(result))
    for failure in result["failed_workers"]:
        print(failure)
    return int(
        bool(result["lost"] or result["doubled"] or result["failed_workers"] or not result["verified"])
    )


if __name__ == "__main__":
    sys.exit(main())
