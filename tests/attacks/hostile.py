"""What attackers do. Each attack answers with a line on what it saw, and complains to the report of what should not be."""

import asyncio
import base64
import json
import random
import shutil
import socket
import time

LIST = "/api/cpv/categories"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ATTACKS = {}


def attack(name, seconds=0):
    def register(function):
        function.seconds = seconds
        ATTACKS[name] = function
        return function
    return register


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def request_block(path=LIST):
    """Headers without compression: literal, never indexed."""
    out = b""
    for name, value in ((b":method", b"GET"), (b":scheme", b"http"), (b":path", path.encode()), (b":authority", b"x")):
        out += b"\x10" + bytes([len(name)]) + name + bytes([len(value)]) + value
    return out


async def connect(addr, number, receive=None):
    """A connection from one of many addresses, none of which has more than 200."""
    s = socket.socket()
    s.setblocking(False)
    if receive:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    s.bind((f"127.0.{1 + number // 200 // 250}.{1 + number // 200 % 250}", 0))
    await asyncio.get_running_loop().sock_connect(s, addr)
    return s


async def until_closed(s, limit):
    """Reads until the server closes, and gives what it said; None if it never closed."""
    loop, said = asyncio.get_running_loop(), b""
    try:
        async with asyncio.timeout(limit):
            while True:
                data = await loop.sock_recv(s, 65536)
                if not data:
                    return said
                said += data[:1000]
    except TimeoutError:
        return None
    except OSError:
        return said
    finally:
        s.close()


async def converse(addr, data, limit=20, number=0):
    """Sends everything and reads to the end."""
    s = await connect(addr, number)
    loop = asyncio.get_running_loop()
    sending = asyncio.create_task(loop.sock_sendall(s, data))
    said = await until_closed(s, limit)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    return said


def status(said):
    return int(said[9:12]) if said and said[:5] == b"HTTP/" and said[9:12].isdigit() else 0


async def crowd(addr, options, report, name, hold, limit=45):
    """Many clients that each hold a connection in some way; tells when the last of them was let go."""
    async def one(number):
        try:
            s = await connect(addr, number, 2048 if name == "slow reading" else None)
        except OSError:
            return 0
        begin = time.monotonic()
        holding = asyncio.create_task(hold(s))
        if name == "slow reading":
            # Reading would take the answer: what tells is that writing fails.
            closed = await asyncio.wait_for(asyncio.gather(holding, return_exceptions=True), limit)
            s.close()
            return time.monotonic() - begin if closed else None
        said = await until_closed(s, limit)
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        return None if said is None else time.monotonic() - begin
    held = await asyncio.gather(*(one(number) for number in range(options.clients)), return_exceptions=True)
    lasting = [time for time in held if isinstance(time, float)]
    stuck = len(held) - len(lasting)
    report.expect(name, stuck == 0, f"{stuck} of {len(held)} were not let go, such as {[h for h in held if not isinstance(h, float)][:2]}")
    worst = max(lasting, default=0)
    # The loop of this program is shared by all of them, so a second more is its own.
    report.expect(name, worst <= 17, f"one held on for {worst:.1f} s")
    return f"{len(held)} clients, the last let go after {worst:.1f} s"


async def trickle(s, first, piece, pause=1.0):
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(s, first)
    while True:
        await asyncio.sleep(pause)
        await loop.sock_sendall(s, piece)


@attack("silent connects", 20)
async def silent(addr, options, report):
    async def hold(s):
        await asyncio.sleep(60)
    return await crowd(addr, options, report, "silent connects", hold)


@attack("slow headers", 20)
async def slow_headers(addr, options, report):
    hold = lambda s: trickle(s, f"GET {LIST} HTTP/1.1\r\nhost: x\r\n".encode(), b"x-a: b\r\n")
    return await crowd(addr, options, report, "slow headers", hold)


@attack("slow bodies", 20)
async def slow_bodies(addr, options, report):
    hold = lambda s: trickle(s, f"POST {LIST} HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n".encode(), b"a")
    return await crowd(addr, options, report, "slow bodies", hold)


@attack("HTTP/2 idle", 20)
async def h2_idle(addr, options, report):
    async def hold(s):
        await asyncio.get_running_loop().sock_sendall(s, PREFACE + frame(4, 0, 0))
        await asyncio.sleep(60)
    return await crowd(addr, options, report, "HTTP/2 idle", hold)


@attack("slow reading", 25)
async def slow_reading(addr, options, report):
    # With a good key, so that no limit of requests ends it: six answers that nobody reads fill every buffer on the way.
    request = f"GET /api/openapi.json HTTP/1.1\r\nhost: x\r\nx-api-key: {options.key}\r\n\r\n".encode() * 6
    hold = lambda s: trickle(s, request, b"\r\n")
    return await crowd(addr, options, report, "slow reading", hold)


@attack("slowhttptest", 30)
async def slowhttptest(addr, options, report):
    if not shutil.which("slowhttptest"):
        return "not there"
    said = []
    for mode in ("-H", "-B", "-X"):
        args = ["slowhttptest", mode, "-c", "250", "-r", "250", "-l", "9", "-i", "1", "-x", "10", "-u", f"http://{addr[0]}:{addr[1]}{LIST}"]
        process = await asyncio.create_subprocess_exec(*args, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        output = (await process.communicate())[0].decode(errors="replace")
        available = "service available" in output or "YES" in output
        said.append(f"{mode} {'ok' if available or 'NO' not in output else 'unavailable'}")
    return "250 connections each: " + ", ".join(said)


@attack("malformed requests")
async def malformed(addr, options, report):
    rng = random.Random(7)
    seeds = [b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", f"GET {LIST} HTTP/1.1\r\nhost: x\r\naccept: */*\r\n\r\n".encode(),
             b"POST /api/doffin/search HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
             PREFACE + frame(4, 0, 0) + frame(1, 5, 1, request_block()), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50)]
    def mutant():
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 8)):
            at = rng.randrange(len(data))
            kind = rng.randrange(4)
            if kind == 0:
                data[at] = rng.randrange(256)
            elif kind == 1:
                data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 20)))
            elif kind == 2:
                del data[at:at + rng.randrange(1, 10)]
            else:
                data[at:at] = rng.choice([b"\r\n", b"\0", b"\r", b": ", b"HTTP/9.9", b"%00", b"-1", b"99999999999999999999"])
            data = data or bytearray(b"\n")
        return bytes(data)
    seen, gate = {}, asyncio.Semaphore(100)
    async def one(number):
        async with gate:
            s = await connect(addr, number % 5000)
            loop = asyncio.get_running_loop()
            try:
                await loop.sock_sendall(s, mutant())
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            code = status(await until_closed(s, 20))
            seen[code] = seen.get(code, 0) + 1
    await asyncio.gather(*(one(number) for number in range(options.malformed)))
    faults = {code: count for code, count in seen.items() if code >= 500}
    report.expect("malformed requests", not faults, f"answers {faults}")
    return f"{options.malformed}: " + ", ".join(f"{count} x {code or 'closed'}" for code, count in sorted(seen.items()))


@attack("bombs")
async def bombs(addr, options, report):
    head = f"GET {LIST} HTTP/1.1\r\nhost: x\r\n".encode()
    deep = b"[" * 1_000_000
    post = lambda body, more=b"": (f"POST {LIST} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n".encode()
                                   + more + b"\r\n" + body)
    cases = {
        "a header of 1 MB": head + b"x-a: " + b"a" * 1_000_000 + b"\r\n\r\n",
        "20,000 headers": head + b"a: b\r\n" * 20_000 + b"\r\n",
        "a path of 1 MB": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        "a body of 100 MB": post(b"a" * 100_000_000),
        "deep JSON": post(deep),
        "a gzip bomb": post(__import__("gzip").compress(bytes(50_000_000)), b"content-encoding: gzip\r\n"),
        "endless chunks": f"POST {LIST} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".encode() + b"ffff\r\n" + b"a" * 65535 + b"\r\n" * 1,
    }
    seen = []
    for name, data in cases.items():
        code = status(await converse(addr, data, 30))
        report.expect("bombs", 400 <= code < 500 or code == 0, f"{name} was answered {code}")
        seen.append(str(code or "closed"))
    # CONTINUATION without end: headers that never are complete.
    flood = PREFACE + frame(4, 0, 0) + frame(1, 0, 1, request_block()) + frame(9, 0, 1, b"\x10\x01a\x7f" + b"b" * 127) * 20_000
    said = await converse(addr, flood, 30)
    report.expect("bombs", said is not None, "a flood of CONTINUATION was not ended")
    return "answers " + " ".join(seen) + ", CONTINUATION flood ended"


@attack("rapid reset")
async def rapid_reset(addr, options, report):
    async def one(number):
        data = PREFACE + frame(4, 0, 0)
        for stream in range(1, 20_001, 2):
            data += frame(1, 5, stream, request_block()) + frame(3, 0, stream, (8).to_bytes(4, "big"))
        return await converse(addr, data, 30, number * 200)
    said = await asyncio.gather(*(one(number) for number in range(10)))
    report.expect("rapid reset", None not in said, "a connection went on")
    return f"10 x 10,000 streams taken back, {sum(s is not None for s in said)} connections ended"


@attack("ways in")
async def ways_in(addr, options, report):
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "a", "exp": 9999999999}).encode()).decode().rstrip("=")
    headers = {
        "no credentials": "", "forged identity": "x-bouvetradar-client: key/good\r\nx-bouvetradar-scopes: procurement.read\r\n",
        "alg none": f"authorization: Bearer {none}.{claims}.\r\n", "expired key": "x-api-key: expired\r\n",
        "key of nobody": "x-api-key: " + "a" * 64 + "\r\n", "empty key": "x-api-key: \r\n",
        "forwarded": "x-forwarded-for: 127.0.0.1\r\nx-real-ip: 127.0.0.1\r\n", "other host": "x-original-url: /livez\r\n",
    }
    for number, (name, lines) in enumerate(headers.items()):
        for path in (LIST, "/api/doffin/search"):
            said = await converse(addr, f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{lines}\r\n".encode(), 20, 20_000 + number * 200)
            report.expect("ways in", status(said) == 401, f"{name}: {path} was answered {status(said)}")
    paths = ["/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/../../etc/passwd", "/api/cpv/codes/..%2f..%2fetc%2fpasswd",
             "/..%5c..%5cetc%5cpasswd", "/api//cpv/categories", "/%00", "//etc/passwd", "/api/cpv/codes/%0d%0aset-cookie:%20a=b",
             "/livez/%2e%2e/api/cpv/categories", "/api/health/../cpv/categories", "/livez;/api/cpv/categories"]
    for number, path in enumerate(paths):
        said = await converse(addr, f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: a%0d%0aset-cookie: b\r\n\r\n".encode(), 20, 25_000 + number * 200)
        head = said.split(b"\r\n\r\n")[0].lower()
        report.expect("ways in", status(said) in (400, 401, 404), f"{path} was answered {status(said)}")
        report.expect("ways in", b"root:" not in said and b"\nset-cookie" not in head, f"{path} got something")
    smuggled = (f"POST /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 44\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
                f"GET {LIST} HTTP/1.1\r\nhost: x\r\n\r\n").encode()
    said = await converse(addr, smuggled, 20, 29_000)
    report.expect("ways in", b"200 OK" not in said, "a smuggled request was answered")
    return f"{2 * len(headers)} credentials, {len(paths)} paths, a smuggled request: nothing got in"


@attack("one abusive client", 10)
async def abusive(addr, options, report):
    seen, until = {}, time.monotonic() + max(options.seconds, 8)
    async def one():
        loop = asyncio.get_running_loop()
        while time.monotonic() < until:
            s = socket.socket()
            s.setblocking(False)
            s.bind(("127.0.0.66", 0))
            try:
                await loop.sock_connect(s, addr)
                while time.monotonic() < until:
                    await loop.sock_sendall(s, b"GET /api/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 16)
                    code = status(await loop.sock_recv(s, 1 << 20))
                    seen[code] = seen.get(code, 0) + 16
            except OSError:
                pass
            finally:
                s.close()
    await asyncio.gather(*(one() for _ in range(32)))
    total = sum(seen.values())
    report.expect("one abusive client", seen.get(429, 0) > total / 2, f"it was not held back: {seen}")
    return f"about {total / max(options.seconds, 8):.0f} requests/s from one address, most 429"
