"""The server of Moto, which speaks the protocol of S3, on a free port.

Says where it listens, and ends when standard input does, that is with the process that started it.
"""

import logging
import os
import sys

from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f"listening on http://{host}:{port}", flush=True)
sys.stdin.buffer.read()
os._exit(0)
