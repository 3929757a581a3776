#!/usr/bin/env python3
"""Whether what the store acknowledged survives a loss of power.

A kill does not test that: the kernel keeps what a dead process wrote. So the store's writes and fsyncs are recorded
with strace, the files are rebuilt as a disk may hold them at many moments, and each is opened and checked.

    power_loss.py STORE [--cuts 500] [--writes 250] [--seed 1]

STORE is the built example `store` of the procurement crate. At a cut, what a file held at its last fsync is there; of
the writes since, by turns: none, all, a first part, or any of them in any order, the last one torn at a sector. A file
is there if it or its directory was synced since it was made; a removal happened if the directory was synced, or else
by chance. Exits with 0 if every state opens, is sound, and holds every write acknowledged before the cut.
"""
import argparse, concurrent.futures, os, pathlib, random, re, shutil, subprocess, sys, tempfile, time

CALLS = "pwrite64,write,fsync,fdatasync,ftruncate,rename,openat,unlink"
LINE = re.compile(r"^(\d+) +(.*)$")
CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)")
SECTOR = 512


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


def record(store, directory, writes):
    database, trace, acks = directory / "mirror.db", directory.parent / "trace", directory.parent / "acks"
    command = ["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-o", str(trace)]
    with open(acks, "wb") as out:
        subprocess.run(command + [store, "write", f"sqlite:{database}", str(writes)], stdout=out, check=True)
    return trace, acks


def events(trace, directory, acks):
    """(kind, path, ...) in the order they ended; an fsync also has the number of the event it began after."""
    base, waiting, found = str(directory), {}, []
    for line in open(trace, errors="replace"):
        pid, text = LINE.match(line).groups()
        began = len(found)
        if text.endswith("<unfinished ...>"):
            waiting[pid] = (text[: -len("<unfinished ...>")].rstrip(), began)
            continue
        if text.startswith("<... "):
            head, began = waiting.pop(pid, ("", began))
            text = head + text.split("resumed>", 1)[1]
        call = CALL.match(text)
        if not call or int(call[3]) < 0:
            continue
        name, arguments, result = call[1], call[2], int(call[3])
        if name in ("pwrite64", "write", "fsync", "fdatasync", "ftruncate"):
            path = re.match(r"\d+<([^>]*)>", arguments)
            path = unhex(path[1]).decode() if path and path[1].startswith("\\x") else path[1] if path else ""
            rest = arguments.split(">", 1)[1].lstrip(", ") if ">" in arguments else ""
            if name == "write" and path == str(acks):
                found.append(("ack", int(unhex(rest.split('"')[1]).split()[-1])))
            elif not path.startswith(base):
                continue
            elif name == "pwrite64":
                data, size_offset = unhex(rest.split('"')[1]), rest.rsplit('"', 1)[1]
                offset = int(size_offset.split(",")[-1])
                found.append(("write", path, offset, data[:result]))
            elif name == "write":
                sys.exit(f"the store appends to {path}, which this program does not follow")
            elif name == "ftruncate":
                found.append(("truncate", path, int(rest)))
            else:
                found.append(("sync", path, began))
        else:
            paths = [unhex(p).decode() if p.startswith("\\x") else p for p in re.findall(r'"([^"]*)"', arguments)]
            if not paths or not paths[0].startswith(base):
                continue
            if name == "openat" and "O_CREAT" in arguments:
                found.append(("create", paths[0]))
            elif name == "unlink":
                found.append(("unlink", paths[0]))
            elif name == "rename":
                sys.exit("the store renames a file, which this program does not follow")
    return found


def put(content, op):
    if op[0] == "truncate":
        del content[op[2]:]
        content.extend(bytes(op[2] - len(content)))
    else:
        offset, data = op[2], op[3]
        content.extend(bytes(max(0, offset - len(content))))
        content[offset:offset + len(data)] = data


class Disk:
    """Files as they were last synced, and what was done to them since."""

    def __init__(self):
        self.synced, self.since, self.made, self.gone, self.acked = {}, {}, set(), set(), 0

    def apply(self, number, event):
        kind, path = event[0], event[1]
        if kind == "ack":
            self.acked = path
        elif kind == "create":
            if path not in self.synced or path in self.gone:
                self.synced[path], self.since[path] = bytearray(), []
                self.made.add(path)
                self.gone.discard(path)
        elif kind in ("write", "truncate"):
            self.since.setdefault(path, []).append((number, event))
            self.synced.setdefault(path, bytearray())
        elif kind == "unlink":
            self.gone.add(path)
        elif kind == "sync" and path in self.synced:
            for at, op in self.since.get(path, []):
                if at < event[2]:
                    put(self.synced[path], op)
            self.since[path] = [(at, op) for at, op in self.since.get(path, []) if at >= event[2]]
            self.made.discard(path)
        elif kind == "sync":  # a directory
            self.made = {p for p in self.made if os.path.dirname(p) != path}
            for p in [p for p in self.gone if os.path.dirname(p) == path]:
                del self.synced[p]
                self.since.pop(p, None)
                self.gone.discard(p)

    def rebuild(self, target, mode, chance):
        for path, content in self.synced.items():
            if path.endswith(("-shm", ".lock")) or (path in self.gone and chance.random() < 0.5):
                continue
            if path in self.made and mode != "all":
                continue  # its name was never synced
            content, ops = bytearray(content), [op for _, op in self.since.get(path, [])]
            if mode == "none":
                ops = []
            elif mode == "first":
                ops = ops[: chance.randint(0, len(ops))]
            elif mode == "any":
                ops = [op for op in ops if chance.random() < 0.5]
                chance.shuffle(ops)
            if mode in ("first", "any") and ops and ops[-1][0] == "write":
                last = ops[-1]
                ops[-1] = (*last[:3], last[3][: chance.randrange(0, len(last[3]) + 1, SECTOR)])
            for op in ops:
                put(content, op)
            (target / os.path.basename(path)).write_bytes(content)


def check(store, target, acked):
    command = [store, "check", f"sqlite:{target / 'mirror.db'}", str(acked)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    shutil.rmtree(target)
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip()[-500:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("--cuts", type=int, default=500)
    parser.add_argument("--writes", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance, started = random.Random(options.seed), time.time()
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place).resolve()
        directory = place / "data"
        directory.mkdir()
        trace, acks = record(options.store, directory, options.writes)
        found = events(trace, directory, acks)
        syncs = [at for at, event in enumerate(found) if event[0] == "sync"]
        count = {kind: sum(event[0] == kind for event in found) for kind in ("write", "sync", "ack")}
        assert count["ack"] >= options.writes, count
        # Half of the cuts beside an fsync, where it matters most; the others anywhere.
        beside = [at + side for at in syncs for side in (0, 1)]
        cuts = [chance.choice(beside) for _ in range(options.cuts // 2)]
        cuts += [chance.randrange(len(found)) for _ in range(options.cuts - len(cuts))]
        cuts.sort()
        disk, modes, bad, pending = Disk(), ("none", "all", "first", "any"), [], []
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            at = 0
            for number, cut in enumerate(cuts):
                while at < cut:
                    disk.apply(at, found[at])
                    at += 1
                target = place / f"cut{number}"
                target.mkdir()
                mode = modes[number % len(modes)]
                disk.rebuild(target, mode, chance)
                pending.append((cut, mode, disk.acked, pool.submit(check, options.store, target, disk.acked)))
                if len(pending) > 8:
                    bad += judge(pending.pop(0))
            for entry in pending:
                bad += judge(entry)
    for line in bad[:10]:
        print(line)
    print(f"{options.cuts} states out of {count['write']} writes and {count['sync']} fsyncs of {count['ack']} acknowledged "
          f"transactions: {len(bad)} bad, in {time.time() - started:.0f} s")
    sys.exit(bool(bad))


def judge(entry):
    cut, mode, acked, future = entry
    problem = future.result()
    return [f"cut at event {cut} ({mode}), {acked} acknowledged: {problem}"] if problem else []


if __name__ == "__main__":
    main()
