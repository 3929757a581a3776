"""Overload: what a gateway still does when it is asked ten times what its services can do, and how soon it is itself again.

    cargo build --release -p bench -p gateway
    python3 tests/attacks/overload.py --bin target/release [--seconds 10]

Needs wrk. The services take 20 ms for an answer and the gateway has room for 32 requests at once (MAX_IN_FLIGHT) and keeps no
answers: 1,600 a second. It is asked over 32 connections, which is its peak; then over 320, each of which asks again a moment
after its answer or refusal, ten times as much; then over 32 again, for five seconds. Goodput is answers with 200 a second.
"""

import argparse
import os
import re
import subprocess
import sys

import attack

TARGET = "/api/cpv/codes/48000000"
PLACES, SERVICE_MS, TIMES = 32, 20, 10
# A connection's turn, refused at once, takes some three milliseconds beside as much as it waits.
PAUSE_MS = SERVICE_MS - 3


def wrk(world, connections, seconds, pause=0):
    script = os.path.join(world.dir, "pause.lua")
    with open(script, "w") as file:
        file.write(f"function delay() return {pause} end\n" if pause else "")
    args = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-H", f"x-api-key: {attack.KEY}", "-s", script,
            f"http://{world.addr[0]}:{world.addr[1]}{TARGET}"]
    said = subprocess.run(args, capture_output=True, text=True, check=True).stdout
    number = lambda pattern: float((re.search(pattern, said) or [0, 0])[1])
    took = number(r"requests in ([\d.]+)s")
    asked = number(r"(\d+) requests in")
    return (asked - number(r"Non-2xx or 3xx responses: (\d+)")) / took, asked / took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="target/release")
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    backend = f"127.0.0.1:{attack.free_port()}"
    url = f"http://{backend}"
    world = attack.World(
        options.bin, services=[f"{options.bin}/backend", "grpc", backend, "--delay", str(SERVICE_MS)],
        PROCUREMENT_URL=url, CLASSIFICATION_URL=url, MAX_IN_FLIGHT=PLACES, RESPONSE_CACHE_MIB=0,
        MAX_CONNECTIONS_PER_ADDRESS=2000)
    try:
        wrk(world, PLACES, 2)
        peak, _ = wrk(world, PLACES, options.seconds)
        good, asked = wrk(world, PLACES * TIMES, options.seconds, pause=PAUSE_MS)
        again, _ = wrk(world, PLACES, 5)
        memory = world.memory("VmHWM")
    finally:
        world.stop()
    print(f"peak {peak:.0f}/s; asked {asked:.0f}/s ({asked / peak:.1f} times): goodput {good:.0f}/s ({good / peak:.0%}); "
          f"in the five seconds after {again:.0f}/s ({again / peak:.0%}); memory at its highest {memory:.0f} MiB")
    sys.exit(0 if good >= 0.8 * peak and again >= 0.9 * peak and asked >= 0.9 * TIMES * peak else 1)


if __name__ == "__main__":
    main()
