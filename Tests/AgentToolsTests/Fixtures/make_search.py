#!/usr/bin/env python3
"""Writes search.json: random passages, queries, and the best passages computed here for every passage.

BM25 with k1 = 1.2, b = 0.75 and idf = ln((N - n + 0.5) / (n + 0.5)), 1e-6 where that is not positive (the formula of
SQLite's FTS5); passages with all words first, then by score, then by id. Needs NumPy.
Run in this folder: python3 make_search.py
"""
import json
import random

import numpy

random.seed(20260303)
WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in ("l", "mo", "ra", "st")]
SHARES = numpy.array([1 / (rank + 1) for rank in range(len(WORDS))])


def text(count):
    return random.choices(WORDS, SHARES, k=count)


passages = [(f"doc-{random.randrange(10 ** 6)}-{i}", text(random.randrange(4)), text(random.randrange(3, 30))) for i in range(120)]
counts = numpy.array([[(title + body).count(word) for word in WORDS] for _, title, body in passages], float)
lengths = counts.sum(axis=1)
holders = (counts > 0).sum(axis=0)
idf = numpy.log((len(passages) - holders + 0.5) / (holders + 0.5))
idf = numpy.where(idf <= 0, 1e-6, idf)
norm = 1.2 * (1 - 0.75 + 0.75 * lengths / lengths.mean())
impact = idf * counts * 2.2 / (counts + norm[:, None])

queries = []
for _ in range(80):
    words = random.sample(WORDS, random.randrange(1, 6))
    top_k = random.randrange(1, 8)
    columns = [WORDS.index(word) for word in words]
    scores = impact[:, columns].sum(axis=1)
    found = (counts[:, columns] > 0).sum(axis=1)
    order = sorted(
        (i for i in range(len(passages)) if found[i]),
        key=lambda i: (found[i] < len(words), -round(scores[i], 12), passages[i][0]))
    results = [{"id": passages[i][0], "score": float(scores[i])} for i in order[:top_k]]
    queries.append({"query": " ".join(words), "top_k": top_k, "results": results})

with open("search.json", "w") as file:
    json.dump({
        "passages": [{"id": i, "title": " ".join(t), "text": " ".join(b)} for i, t, b in passages],
        "queries": queries,
    }, file, indent=None, separators=(",", ":"))
    file.write("\n")
