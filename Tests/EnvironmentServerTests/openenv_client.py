"""Plays episodes with the openenv package's own clients. Usage: openenv_client.py URL

Prints one JSON object: what the clients saw. The Swift test that runs this checks it.
"""

import json
import sys

from openenv.core.generic_client import GenericAction, GenericEnvClient

url = sys.argv[1]
seen = {}

with GenericEnvClient(base_url=url).sync() as env:
    opening = env.reset(seed=11, split="test", index=4, episode_id="from-python")
    seen["opening"] = {"done": opening.done, "reward": opening.reward, "task": opening.observation["task"]["id"]}
    tools = env.step({"type": "list_tools"})
    seen["tools"] = [tool["name"] for tool in tools.observation["tools"]]
    call = env.step(GenericAction(type="call_tool", tool_name="calculator", arguments={"expression": "(2^70-1)/3"}))
    seen["call"] = {"data": call.observation["result"]["data"], "done": call.done}
    seen["state"] = env.state()
    end = env.step({"message": "not a number"})
    seen["end"] = {"done": end.done, "reward": end.reward, "outcome": end.observation["outcome"]["termination"]}
    try:
        env.step({"message": "again"})
    except RuntimeError as error:
        seen["after_end"] = str(error)

with GenericEnvClient(base_url=url).sync() as env:
    first = env.reset(seed=5).observation["task"]["id"]
    second = env.reset(seed=5).observation["task"]["id"]
    seen["same_seed_same_task"] = first == second

print(json.dumps(seen))
