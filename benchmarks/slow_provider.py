"""A provider of SMS that takes its time: `python -m benchmarks.slow_provider MILLISECONDS`.

It prints its port. POST answers 200 after that time; GET /count tells how many references came, and
how many came twice.
"""

import asyncio
import json
import sys
from collections import Counter

TAKEN: Counter[str] = Counter()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """One request of one connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET"):
            content = {"messages": len(TAKEN), "twice": sum(n > 1 for n in TAKEN.values())}
        else:
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            reference = json.loads(await reader.readexactly(length))["reference"]
            TAKEN[reference] += 1
            await asyncio.sleep(delay)
            content = {"id": f"P-{reference}"}
        body = json.dumps(content).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        return
    finally:
        writer.close()


async def main(delay: float) -> None:
    """Serve until somebody stops us."""
    server = await asyncio.start_server(
        lambda reader, writer: serve(reader, writer, delay), "127.0.0.1", 0, backlog=512
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) / 1000))
