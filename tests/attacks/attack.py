"""Attacks on a running gateway, over loopback, with good clients beside them that must not notice.

    cargo build --release -p gateway -p radar
    python3 tests/attacks/attack.py --bin target/release [--clients 2000] [--malformed 10000] [--seconds 5]

Starts `radar demo` for its services and a gateway of its own in front of them, set up as in production: API keys, limits by
address, every other setting as shipped. Attackers come from 127.0.x.y, so that the cap of 256 connections an address does not
stop them before the rest is tried. Needs Linux, Python 3.11 and `ulimit -n` above twice the clients; slowhttptest is used if
it is there. Ends with 0 if everything held, and prints what was measured.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import hostile

KEY = "good-key-of-the-test"
LIST = "/api/cpv/categories"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class World:
    """The processes under attack."""

    def __init__(self, binaries, services=None, **more):
        self.dir = tempfile.mkdtemp(prefix="attacks.")
        ports = [free_port() for _ in range(9)]
        common = {"PATH": os.environ["PATH"], "LOG_LEVEL": "ERROR", "LOG_FORMAT": "json", "DATA_DIR": self.dir}
        demo = {"PORT": ports[0], "PROCUREMENT_ADDR": f"127.0.0.1:{ports[1]}", "CLASSIFICATION_ADDR": f"127.0.0.1:{ports[2]}",
                "SIMULATOR_ADDR": f"127.0.0.1:{ports[3]}", "METRICS_ADDR": f"127.0.0.1:{random.randrange(20000, 30000)}"}
        keys = os.path.join(self.dir, "keys.json")
        line = lambda key, **more: {"client": "good", "sha256": hashlib.sha256(key.encode()).hexdigest(),
                                    "scopes": ["procurement.read"], **more}
        with open(keys, "w") as file:
            json.dump({"keys": [line(KEY), line("expired", expires="2020-01-01T00:00:00Z")]}, file)
        edge = {"RADAR_ENV": "production", "GATEWAY_ADDR": f"127.0.0.1:{ports[4]}", "METRICS_ADDR": f"127.0.0.1:{ports[5]}",
                "API_KEYS_FILE": keys, "RATE_LIMIT_CLIENT": "off", "MEMORY_LIMIT_BYTES": str(256 << 20),
                "PROCUREMENT_URL": f"http://127.0.0.1:{ports[1]}", "CLASSIFICATION_URL": f"http://127.0.0.1:{ports[2]}", **more}
        self.log = open(os.path.join(self.dir, "log"), "w+")
        start = lambda args, env: subprocess.Popen(args, env={k: str(v) for k, v in (common | env).items()},
                                                   stdout=self.log, stderr=self.log)
        services = services or [f"{binaries}/radar", "demo", "--notices", "500"]
        self.processes = [start(services, demo), start([f"{binaries}/gateway"], edge)]
        self.addr = ("127.0.0.1", ports[4])
        self.gateway = self.processes[1]
        deadline = time.time() + 60
        while not self.ready():
            if time.time() > deadline or self.gateway.poll() is not None:
                self.log.seek(0)
                said = self.log.read()[-2000:]
                self.stop()
                sys.exit("the gateway did not start:\n" + said)
            time.sleep(0.1)

    def ready(self):
        try:
            with socket.create_connection(self.addr, 1) as s:
                s.sendall(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                return b" 200 " in s.recv(100)
        except OSError:
            return False

    def memory(self, name="VmRSS"):
        with open(f"/proc/{self.gateway.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1024

    def alive(self):
        return self.gateway.poll() is None

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.dir, ignore_errors=True)


async def good_client(addr, until, times, failures):
    """Asks ten times a second on a connection it keeps, and opens a new one when it is told to."""
    reader = writer = None
    while time.monotonic() < until:
        begin = time.monotonic()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(*addr, local_addr=("127.0.0.2", 0))
            writer.write(f"GET {LIST} HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\n\r\n".encode())
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode().lower()
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            await asyncio.wait_for(reader.readexactly(length), 10)
            if not head.startswith("http/1.1 200"):
                failures.append(head.split("\r\n")[0])
            if "connection: close" in head:
                writer.close()
                writer = None
        except Exception as error:  # whatever it is, the client did not get its answer
            failures.append(repr(error))
            writer = None
        times.append(time.monotonic() - begin)
        await asyncio.sleep(max(0, 0.1 - (time.monotonic() - begin)))
    if writer:
        writer.close()


def probe(addr, seconds):
    """Ten good clients for a while; run as a process of its own, so that attackers do not slow its clock."""
    times, failures = [], []
    async def run():
        until = time.monotonic() + seconds
        await asyncio.gather(*(good_client(addr, until, times, failures) for _ in range(10)))
    asyncio.run(run())
    print(json.dumps({"times": times, "failures": failures}))


class Probe:
    def __init__(self, world, seconds):
        args = [sys.executable, __file__, "--probe", f"{world.addr[0]}:{world.addr[1]}", "--seconds", str(seconds)]
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, text=True)

    def result(self):
        found = json.loads(self.process.communicate()[0])
        times = sorted(found["times"])
        return times[int(len(times) * 0.99) - 1] * 1000, len(times), found["failures"]


class Report:
    def __init__(self, world, baseline):
        self.world, self.baseline, self.bad = world, baseline, []
        self.peak = 0

    def row(self, name, what, p99=None, asked=0, failures=()):
        memory = self.world.memory()
        self.peak = max(self.peak, memory)
        good = "" if p99 is None else f"good: {asked - len(failures)}/{asked}, p99 {p99:.1f} ms ({p99 / self.baseline:.1f}x)"
        print(f"{name:<28} {what:<58} {memory:5.0f} MiB  {good}", flush=True)
        if failures:
            self.bad.append(f"{name}: good clients failed: {failures[:3]}")
        # A p99 of a few milliseconds is noise on a shared machine; three times that of a quiet gateway counts above 25 ms.
        if p99 is not None and p99 > max(3 * self.baseline, 25):
            self.bad.append(f"{name}: p99 {p99:.1f} ms, {p99 / self.baseline:.1f} times the usual")
        if not self.world.alive():
            self.bad.append(f"{name}: the gateway died")

    def expect(self, name, holds, what):
        if not holds:
            self.bad.append(f"{name}: {what}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="target/release")
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--malformed", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only")
    parser.add_argument("--probe")
    options = parser.parse_args()
    if options.probe:
        host, port = options.probe.rsplit(":", 1)
        return probe((host, int(port)), options.seconds)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    world, options.key = World(options.bin), KEY
    try:
        probe_of = lambda seconds: Probe(world, seconds)
        p99, asked, failures = probe_of(options.seconds).result()
        report = Report(world, p99)
        report.row("quiet", "nothing else happens", p99, asked, failures)
        for name, attack in hostile.ATTACKS.items():
            if options.only and options.only not in name:
                continue
            seconds = max(options.seconds, getattr(attack, "seconds", 0))
            beside = probe_of(seconds)
            what = asyncio.run(attack(world.addr, options, report))
            report.row(name, what, *beside.result())
        p99, asked, failures = probe_of(options.seconds).result()
        report.row("afterwards", "nothing else happens any more", p99, asked, failures)
        peak = world.memory("VmHWM")
        report.expect("memory", peak < 150, f"{peak:.0f} MiB at its highest")
        print(f"memory at its highest: {peak:.0f} MiB")
    finally:
        world.stop()
    for line in report.bad:
        print("FAILED:", line)
    sys.exit(1 if report.bad else 0)


if __name__ == "__main__":
    main()
