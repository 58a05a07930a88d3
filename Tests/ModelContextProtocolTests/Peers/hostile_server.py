"""MCP servers over standard streams that misbehave, one way each: hostile_server.py BEHAVIOUR [SEED]. Needs no package."""

import json
import os
import random
import signal
import subprocess
import sys
import time

behaviour = sys.argv[1]
random.seed(sys.argv[-1])


def send(message):
    sys.stdout.write((message if isinstance(message, str) else json.dumps(message)) + "\n")
    sys.stdout.flush()


def answer(request, result):
    send({"jsonrpc": "2.0", "id": request["id"], "result": result})


def text(request, words, **more):
    answer(request, {"content": [{"type": "text", "text": words}], **more})


def tools(request):
    cursor = request.get("params", {}).get("cursor")
    one = {"name": "act", "description": "Acts.", "inputSchema": {"type": "object"}}
    if behaviour == "pages":
        page = int(cursor or 0)
        more = {"nextCursor": str(page + 1)} if page < 4 else {}
        answer(request, {"tools": [{**one, "name": f"act{page}"}], **more})
    elif behaviour == "same page":
        answer(request, {"tools": [], "nextCursor": "again"})
    elif behaviour == "endless pages":
        answer(request, {"tools": [one], "nextCursor": str(int(cursor or 0) + 1)})
    elif behaviour == "bad tools":
        answer(request, {"tools": [{"name": 3}]})
    elif behaviour == "odd schema":
        answer(request, {"tools": [{**one, "inputSchema": {"type": "object", "properties": {
            "when": {"type": "string", "format": "date", "pattern": "^2"}, "odd": {"type": "colour"},
            "self": {"$ref": "#/$defs/missing"}}, "x-more": 1}}]})
    else:
        answer(request, {"tools": [one]})


def call(request):
    if behaviour == "dies":
        print("a last word", file=sys.stderr, flush=True)
        os._exit(3)
    elif behaviour == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif behaviour == "dies with a child":
        subprocess.Popen(["sleep", "300"])
        os._exit(0)
    elif behaviour == "closes output":
        os.close(1)
        time.sleep(300)
    elif behaviour == "hangs":
        time.sleep(300)
    elif behaviour == "ignores the end":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "300"])
        stray = subprocess.Popen(["sleep", "300"], start_new_session=True)
        text(request, json.dumps([os.getpid(), child.pid, stray.pid]))
        while True:
            time.sleep(300)
    elif behaviour == "wrong id":
        send({"jsonrpc": "2.0", "id": 987654, "result": {}})
        send({"jsonrpc": "2.0", "id": "1", "result": {}})
    elif behaviour == "null id":
        send({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "what?"}})
    elif behaviour == "twice":
        text(request, "one")
        text(request, "two")
    elif behaviour == "broken frame":
        send('{"jsonrpc": "2.0", "id": ' + str(request["id"]) + ', "result": {"content": [}')
    elif behaviour == "not a number":
        text(request, float("nan"))
    elif behaviour == "no version":
        send({"id": request["id"], "result": {}})
    elif behaviour == "bad result":
        answer(request, {"content": "words"})
    elif behaviour == "null result":
        answer(request, None)
    elif behaviour == "prints":
        send("Loading model ...")
        send("")
        text(request, "done")
    elif behaviour == "floods":
        while True:
            sys.stdout.write("y\n" * 10000)
    elif behaviour == "floods notifications":
        while True:
            send({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "x"}})
    elif behaviour == "one endless line":
        while True:
            sys.stdout.write("{" * 100000)
    elif behaviour == "long answer":
        text(request, "x" * 300000)
    elif behaviour == "asks":
        for number, method in enumerate(["ping", "sampling/createMessage", "roots/list", "elicitation/create"]):
            send({"jsonrpc": "2.0", "id": f"s{number}", "method": method, "params": {}})
        replies = [json.loads(sys.stdin.readline()) for _ in range(4)]
        text(request, json.dumps(replies))
    elif behaviour == "batches":
        send([{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"},
              {"jsonrpc": "2.0", "id": request["id"], "result": {"content": [{"type": "text", "text": "in a batch"}]}}])
    elif behaviour == "notes cancellations":
        note = json.loads(sys.stdin.readline())
        following = json.loads(sys.stdin.readline())
        text(request, "late")
        text(following, json.dumps(note))
    elif behaviour == "mixed content":
        answer(request, {"content": [
            {"type": "text", "text": "words"},
            {"type": "image", "mimeType": "image/png", "data": "AAAA"},
            {"type": "resource", "resource": {"uri": "file:///a.txt", "mimeType": "text/plain", "text": "inside"}},
            {"type": "resource", "resource": {"uri": "file:///b.bin", "blob": "AAAAAAAA"}},
            {"type": "resource_link", "uri": "file:///c", "name": "c"},
            {"type": "hologram", "size": 3}]})
    elif behaviour == "names itself":
        text(request, str(os.getpid()))
    elif behaviour == "fuzz":
        fuzz(request)
    elif behaviour == "only stateless":
        text(request, json.dumps(request["params"]["_meta"]))
    elif behaviour == "structured only":
        answer(request, {"content": [], "structuredContent": {"sum": 5}})
    else:
        text(request, "ok")


def fuzz(request):
    """Writes a good answer with a few bytes changed, between other bytes."""
    frame = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": {
        "content": [{"type": "text", "text": "a\u00e9"}], "isError": False}}, ensure_ascii=False).encode() + b"\n"
    for _ in range(random.randrange(1, 4)):
        changed = bytearray(frame)
        for _ in range(random.randrange(0, 5)):
            place = random.randrange(len(changed))
            action = random.randrange(4)
            if action == 0:
                changed[place] = random.randrange(256)
            elif action == 1:
                del changed[place]
            elif action == 2:
                changed[place:place] = random.choice([b"{", b"}", b'"', b"\n", b"[", b"\\ud800", b"\0", b"\r\n", b"1e999"])
            else:
                changed += changed[place:]
            changed = changed or bytearray(b"x")
        sys.stdout.buffer.write(changed)
        sys.stdout.buffer.flush()


def handle(request):
    method = request["method"]
    if method == "initialize":
        version = request["params"]["protocolVersion"]
        if behaviour in ("refuses", "only stateless"):
            send({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "no"}})
        elif behaviour == "never answers":
            time.sleep(300)
        else:
            answer(request, {
                "protocolVersion": {"old": "2024-11-05", "future": "2099-01-01"}.get(behaviour, version),
                "capabilities": {} if behaviour == "no tools" else {"tools": {}},
                "serverInfo": {"name": "hostile", "version": "1"}})
    elif method == "server/discover" and behaviour == "only stateless":
        answer(request, {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "resultType": "complete"})
    elif method == "server/discover":
        send({"jsonrpc": "2.0", "id": request["id"], "error": {
            "code": -32022, "message": "no", "data": {"supported": ["2031-01-01"], "requested": "x"}}})
    elif method == "tools/list":
        tools(request)
    elif method == "tools/call":
        call(request)


if behaviour == "starts with words":
    print("not ready: no licence", file=sys.stderr, flush=True)
    sys.exit(7)
if behaviour == "does not read":
    time.sleep(300)
for line in sys.stdin:
    request = json.loads(line)
    if "id" in request and "method" in request:
        handle(request)
