"""Runs ministack on a loopback port of its own choosing, for as long as the parent lives.

The parent keeps the other end of standard input and never writes to it. When the parent ends, by
whatever death, the kernel closes that pipe, the read below returns, and this process ends too.
"""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import threading

scratch = tempfile.mkdtemp(prefix="provision-sandbox-")
tempfile.tempdir = scratch
os.environ["TMPDIR"] = scratch


def follow_the_parent():
    sys.stdin.buffer.read()
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


threading.Thread(target=follow_the_parent, daemon=True).start()

# Bound before ministack is told of it, so that no other process can take the port in between.
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("127.0.0.1", 0))
os.environ["GATEWAY_PORT"] = str(listener.getsockname()[1])

from hypercorn.asyncio import serve  # noqa: E402
from hypercorn.config import Config  # noqa: E402
from ministack.app import app  # noqa: E402

config = Config()
config.bind = ["fd://%d" % listener.fileno()]
config.keep_alive_timeout = 3600
config.keep_alive_max_requests = 1 << 40
config.loglevel = os.environ.get("LOG_LEVEL", "WARNING")

print("PORT", os.environ["GATEWAY_PORT"], flush=True)
try:
    asyncio.run(serve(app, config))
finally:
    shutil.rmtree(scratch, ignore_errors=True)
