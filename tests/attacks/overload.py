"""Overload: what a gateway still does when it is asked ten times what it can do, and how soon it is itself again.

    python3 tests/attacks/overload.py --bin target/release [--seconds 10]

Needs wrk. A gateway with room for 32 requests at once (MAX_IN_FLIGHT) is asked for a code list over 32 connections, which is its
peak; then over 320, each of which asks again as soon as it is refused; then over 32 again, for five seconds. Goodput is answers
with 200 a second.
"""

import argparse
import re
import subprocess
import sys

import attack


def wrk(world, connections, seconds):
    args = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-H", f"x-api-key: {attack.KEY}", "--latency",
            f"http://{world.addr[0]}:{world.addr[1]}{attack.LIST}"]
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
    world = attack.World(options.bin, MAX_IN_FLIGHT=32, MAX_CONNECTIONS_PER_ADDRESS=2000)
    try:
        wrk(world, 32, 2)
        peak, _ = wrk(world, 32, options.seconds)
        good, asked = wrk(world, 320, options.seconds)
        again, _ = wrk(world, 32, 5)
        memory = world.memory("VmHWM")
    finally:
        world.stop()
    print(f"peak {peak:.0f}/s; asked {asked:.0f}/s ({asked / peak:.1f} times): goodput {good:.0f}/s ({good / peak:.0%}); "
          f"in the five seconds after {again:.0f}/s ({again / peak:.0%}); memory at its highest {memory:.0f} MiB")
    sys.exit(0 if good >= 0.8 * peak and again >= 0.9 * peak else 1)


if __name__ == "__main__":
    main()
