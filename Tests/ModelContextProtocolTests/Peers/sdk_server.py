"""An MCP server written with the official SDK, 1.x or 2.x, that the tests connect to.

    sdk_server.py stdio
    sdk_server.py http PORT [json] [stateless]    prints `listening` on standard output once it does
"""

import asyncio
import base64
import sys
from typing import Literal

from pydantic import BaseModel, Field

try:
    from mcp.server.fastmcp import Context, FastMCP as Server, Image
    major = 1
    if not hasattr(Server, "run_stdio_async"):
        raise ImportError
except ImportError:
    from mcp.server.mcpserver import Context, Image, MCPServer as Server
    major = 2

import mcp.types as types

options = sys.argv[3:]
settings = {"host": "127.0.0.1", "port": int(sys.argv[2]), "json_response": "json" in options,
            "stateless_http": "stateless" in options} if sys.argv[1] == "http" else {}
server = Server("test server", **(settings if major == 1 else {}))
notes: list[str] = []


class Point(BaseModel):
    x: float
    y: float


@server.tool()
def add(a: int, b: int = Field(default=1, ge=0)) -> int:
    """Adds two whole numbers."""
    return a + b


@server.tool()
def remember(note: str) -> str:
    """Keeps a note and gives all notes so far."""
    notes.append(note)
    return ", ".join(notes)


@server.tool()
def distance(start: Point, end: Point, unit: Literal["m", "km"] = "m", label: str | None = None) -> dict:
    """The distance of two points."""
    return {"distance": ((start.x - end.x) ** 2 + (start.y - end.y) ** 2) ** 0.5, "unit": unit, "label": label}


@server.tool()
def fail(reason: str) -> str:
    """Fails."""
    raise ValueError(reason)


@server.tool()
async def wait(seconds: float) -> str:
    """Answers late."""
    try:
        await asyncio.sleep(seconds)
    except BaseException:
        notes.append("cancelled")
        raise
    return "waited"


@server.tool()
async def count(to: int, ctx: Context) -> str:
    """Reports progress as it counts."""
    for number in range(to):
        await ctx.report_progress(number + 1, to)
        await ctx.info(f"at {number}") if major == 1 else None
    return str(to)


@server.tool()
def picture() -> Image:
    """A small picture."""
    return Image(data=base64.b64decode("R0lGODlhAQABAAAAACwAAAAAAQABAAA="), format="gif")


@server.tool()
def environment() -> dict[str, str]:
    """The server's environment variables."""
    import os

    return dict(os.environ)


@server.tool()
def repeat(text: str, times: int) -> str:
    """The text, several times."""
    return text * times


@server.tool()
def folder() -> str:
    """The server's working directory."""
    import os

    return os.getcwd()


@server.tool()
async def ask(ctx: Context) -> str:
    """Asks the client for a model's answer, which a policy cannot give."""
    result = await ctx.session.create_message(
        messages=[types.SamplingMessage(role="user", content=types.TextContent(type="text", text="hi"))], max_tokens=5)
    return str(result)


if sys.argv[1] == "stdio":
    server.run()
else:
    import uvicorn

    app = server.streamable_http_app() if major == 1 else server.streamable_http_app(
        json_response=settings["json_response"], stateless_http=settings["stateless_http"])

    class Announcing(uvicorn.Server):
        async def startup(self, *arguments, **named):
            await super().startup(*arguments, **named)
            port = self.servers[0].sockets[0].getsockname()[1]
            print(f"listening {port}", flush=True)

    Announcing(uvicorn.Config(app, host="127.0.0.1", port=settings["port"], log_level="error")).run()
