"""MCP endpoints that misbehave, one way each, at http://127.0.0.1:PORT/BEHAVIOUR. Needs no package.

Prints `listening PORT`. GET /log?BEHAVIOUR gives what was asked of that endpoint: [[HTTP method, JSON-RPC method,
session id, version], …].
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

log = {}
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    @property
    def behaviour(self):
        return self.path.strip("/").replace("%20", " ")

    def note(self, method):
        entry = [self.command, method, self.headers.get("Mcp-Session-Id"), self.headers.get("MCP-Protocol-Version")]
        with lock:
            log.setdefault(self.behaviour, []).append(entry)

    def reply(self, status, body=b"", kind="application/json", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, *pieces, end=True):
        """Sends server-sent events, and breaks the connection off unless it is the end."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for piece in pieces:
            self.wfile.write(piece.encode())
            self.wfile.flush()

    def do_GET(self):
        if self.path.startswith("/log?"):
            with lock:
                return self.reply(200, log.get(self.path.split("?", 1)[1].replace("%20", " "), []))
        self.note(self.headers.get("Last-Event-ID"))
        if not self.headers.get("Last-Event-ID"):
            return self.reply(405)
        if self.behaviour == "breaks off":
            last = int(self.headers["Last-Event-ID"])
            if last < 3:
                return self.stream(f"id: {last + 1}\nretry: 10\ndata:\n\n")
            return self.stream(event({"jsonrpc": "2.0", "id": 2, "result": words("taken up again")}))
        if self.behaviour == "breaks off for ever":
            return self.stream("id: 1\nretry: 10\ndata:\n\n")
        self.reply(405)

    def do_DELETE(self):
        self.note(None)
        self.reply(200)

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        method = message.get("method")
        self.note(method if "id" in message else f"{method}!")
        if "method" not in message or "id" not in message:
            return self.reply(202)
        if method == "initialize":
            return self.initialize(message)
        if method == "server/discover":
            return self.discover(message)
        if method == "tools/list":
            return self.reply(200, answer(message, {"tools": [
                {"name": "act", "description": "", "inputSchema": {"type": "object"}}]}))
        self.call(message)

    def initialize(self, message):
        if self.behaviour == "needs a key":
            return self.reply(401, {"detail": "no key"})
        if self.behaviour == "is a web page":
            return self.reply(200, b"<html>hello</html>", "text/html")
        if self.behaviour == "is not here":
            return self.reply(404, b"nothing here", "text/plain")
        if self.behaviour == "has moved":
            return self.reply(307, b"", Location="/elsewhere")
        if self.behaviour in ("only stateless", "speaks of the future", "asks for input"):
            return self.reply(400, {"jsonrpc": "2.0", "id": None, "error": {"code": -32022, "message": "no handshake"}})
        self.reply(200, answer(message, {
            "protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}},
            "serverInfo": {"name": "http", "version": "1"}}), Mcp_Session_Id="session 1")

    def discover(self, message):
        if self.behaviour == "is not here":
            return self.reply(404, b"nothing here", "text/plain")
        versions = ["2031-01-01"] if self.behaviour == "speaks of the future" else ["2026-07-28"]
        self.reply(200, answer(message, {
            "supportedVersions": versions, "capabilities": {"tools": {}}, "resultType": "complete"}))

    def call(self, message):
        b = self.behaviour
        done = answer(message, words("done"))
        if b == "loses the session":
            return self.reply(404, {"jsonrpc": "2.0", "id": None, "error": {"code": -32001, "message": "who?"}})
        if b == "loses the session silently":
            return self.reply(404)
        if b == "fails":
            return self.reply(500, b"Traceback (most recent call last)", "text/plain")
        if b == "accepts":
            return self.reply(202)
        if b == "answers nothing":
            return self.reply(200)
        if b == "answers half":
            return self.reply(200, b'{"jsonrpc": "2.0", "id": ')
        if b == "wrong id":
            return self.reply(200, {"jsonrpc": "2.0", "id": 77, "result": {}})
        if b == "null id":
            return self.reply(400, {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "what?"}})
        if b == "hangs":
            time.sleep(3)
            return
        if b == "hangs up":
            self.close_connection = True
            return self.connection.close()
        if b == "answers without end":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            try:
                while True:
                    self.wfile.write(b"[" * 100000)
            except OSError:
                return
        if b == "streams without end":
            self.stream()
            try:
                while True:
                    self.wfile.write(event({"jsonrpc": "2.0", "method": "notifications/message"}).encode() * 100)
            except OSError:
                return
        if b == "one endless event":
            self.stream("data: ")
            try:
                while True:
                    self.wfile.write(b"x" * 100000)
            except OSError:
                return
        if b in ("breaks off", "breaks off for ever"):
            return self.stream("id: 1\nretry: 10\ndata:\n\n")
        if b == "breaks off at once":
            return self.stream()
        if b == "streams garbage":
            return self.stream("data: {nothing\n\n")
        if b == "asks on the way":
            return self.stream(
                ": ping\n\n", event({"jsonrpc": "2.0", "id": "s1", "method": "ping"}),
                event({"jsonrpc": "2.0", "id": "s2", "method": "sampling/createMessage", "params": {}}),
                event({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}), event(done))
        if b == "asks for input":
            return self.reply(200, answer(message, {"resultType": "input_required", "inputRequests": {}}))
        self.reply(200, done)


def answer(request, result):
    return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def words(text):
    return {"content": [{"type": "text", "text": text}], "resultType": "complete"}


def event(message):
    return f"event: message\r\ndata: {json.dumps(message)}\r\n\r\n"


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(f"listening {server.server_port}", flush=True)
server.serve_forever()
