"""Writes credit.json: random groups and the advantages that each estimator gives them, computed with NumPy alone.

Independent of the Swift code: written from the formulas in the papers. Run: python3 credit.py > credit.json
"""

import json

import numpy as np

EPSILON = 1e-6


def normalized(x, values):
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 2 or np.ptp(values) == 0:
        return 0.0
    return (x - values.mean()) / (values.std(ddof=1) + EPSILON)


def centered(x, values):
    values = np.asarray(values, dtype=np.float64)
    return 0.0 if len(values) < 2 or np.ptp(values) == 0 else x - values.mean()


def to_go(record, gamma):
    rewards = record["turn_rewards"]
    turns = len(rewards)
    return [
        sum(gamma ** (k - t) * rewards[k] for k in range(t, turns)) + gamma ** (turns - 1 - t) * record["outcome"]
        for t in range(turns)
    ]


def returns(group):
    return [r["outcome"] + sum(r["turn_rewards"]) for r in group]


def grpo(group):
    total = returns(group)
    return [[normalized(total[i], total)] * len(r["turn_rewards"]) for i, r in enumerate(group)]


def dr_grpo(group):
    total = returns(group)
    return [[centered(total[i], total)] * len(r["turn_rewards"]) for i, r in enumerate(group)]


def rloo(group):
    total = np.array(returns(group))
    result = []
    for i, r in enumerate(group):
        others = np.delete(total, i)
        value = total[i] - others.mean() if len(others) and np.ptp(total) > 0 else 0.0
        result.append([float(value)] * len(r["turn_rewards"]))
    return result


def turn_return(group, gamma=0.95, baseline="position"):
    g = [to_go(r, gamma) for r in group]
    everything = [v for values in g for v in values]
    return [
        [
            normalized(v, everything if baseline == "group" else [o[t] for o in g if len(o) > t])
            for t, v in enumerate(values)
        ]
        for values in g
    ]


def gigpo(group, gamma=0.95, omega=1.0, scale="none", episode_weighting="trajectories"):
    part = normalized if scale == "std" else centered
    total = returns(group)
    weighted = total
    if episode_weighting == "turns":
        weighted = [t for t, r in zip(total, group) for _ in r["turn_rewards"]]
    g = [to_go(r, gamma) for r in group]
    result = []
    for i, r in enumerate(group):
        row = []
        for t, key in enumerate(r["state_keys"]):
            same = [g[j][k] for j, o in enumerate(group) for k, other in enumerate(o["state_keys"]) if other == key]
            step = part(g[i][t], same) if key is not None else 0.0
            row.append(part(total[i], weighted) + omega * step)
        result.append(row)
    return result


def mt_grpo(group, weight=1.0):
    outcomes = [r["outcome"] for r in group]
    result = []
    for r in group:
        turns = len(r["turn_rewards"])
        hat = [
            normalized(r["turn_rewards"][k], [o["turn_rewards"][k] for o in group if len(o["turn_rewards"]) > k])
            for k in range(turns)
        ]
        result.append([normalized(r["outcome"], outcomes) + weight * sum(hat[t:]) for t in range(turns)])
    return result


CASES = [
    ("grpo", {}, grpo),
    ("dr_grpo", {}, dr_grpo),
    ("rloo", {}, rloo),
    ("turn_return", {}, turn_return),
    ("turn_return", {"gamma": 0.5, "baseline": "group"}, turn_return),
    ("gigpo", {}, gigpo),
    ("gigpo", {"gamma": 0.9, "omega": 0.5, "scale": "std"}, gigpo),
    ("gigpo", {"episode_weighting": "turns"}, gigpo),
    ("mt_grpo", {}, mt_grpo),
    ("mt_grpo", {"lambda": 0.25}, lambda group, **options: mt_grpo(group, options["lambda"])),
]


def random_group(random):
    group = []
    for _ in range(int(random.integers(1, 7))):
        turns = int(random.integers(1, 5))
        group.append(
            {
                "turn_rewards": [float(random.choice([0, 0, -0.1, 0.5])) for _ in range(turns)],
                "outcome": float(random.choice([0, 1, 0.25])),
                "state_keys": [random.choice(["s0", "s1", "s2", None]) for _ in range(turns)],
            }
        )
    return group


def main():
    random = np.random.default_rng(20261121)
    groups = [random_group(random) for _ in range(20)]
    cases = [
        {"estimator": name, "options": options, "advantages": [method(group, **options) for group in groups]}
        for name, options, method in CASES
    ]
    print(json.dumps({"groups": groups, "cases": cases}))


main()
