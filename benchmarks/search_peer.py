#!/usr/bin/env python3
"""The corpus and queries of `agentenv bench search` in Python: SQLite FTS5, and bm25s and tantivy if they are installed.

usage: search_peer.py CORPUS.jsonl QUERIES.txt [--top-k K] [--json]

Any-word BM25 queries, one after the other on one thread, after a round that is not counted.
"""
import argparse
import json
import os
import sqlite3
import sys
import tempfile
import time

for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def timed(queries, ask):
    times = []
    for query in queries:
        start = time.perf_counter()
        ask(query)
        times.append(time.perf_counter() - start)
    times.sort()
    return {
        "queries_per_second": len(times) / sum(times), "p50_ms": 1000 * times[len(times) // 2],
        "p99_ms": 1000 * times[min(len(times) - 1, len(times) * 99 // 100)],
    }


def fts5(passages, queries, top_k):
    """The OR of FTS5 itself, without the Swift program around it."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(os.path.join(folder, "fts5.sqlite"))
        start = time.perf_counter()
        db.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize='unicode61 remove_diacritics 2')")
        db.executemany("INSERT INTO words (text) VALUES (?)", ((text,) for text in passages))
        db.commit()
        build = time.perf_counter() - start
        sql = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words) LIMIT ?"

        def ask(query):
            db.execute(sql, (" OR ".join(f'"{word}"' for word in query.split()), top_k)).fetchall()

        # Milliseconds each: a quarter of the queries, and the file cache is warm from writing.
        return {"build_seconds": build, **timed(queries[: max(1, len(queries) // 4)], ask)}


def bm25s(passages, queries, top_k):
    import bm25s as library
    import numba  # noqa: F401  without it bm25s would fall back to NumPy, many times slower

    start = time.perf_counter()
    tokens = library.tokenize(passages, stopwords=None, show_progress=False)
    retriever = library.BM25(backend="numba")
    retriever.index(tokens, show_progress=False)
    build = time.perf_counter() - start

    def ask(query):
        words = library.tokenize([query], stopwords=None, show_progress=False)
        retriever.retrieve(words, k=top_k, show_progress=False, n_threads=1)

    for query in queries:
        ask(query)
    return {"build_seconds": build, **timed(queries, ask)}


def tantivy(passages, queries, top_k):
    import tantivy as library

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        builder = library.SchemaBuilder()
        builder.add_text_field("text", stored=False)
        index = library.Index(builder.build(), path=folder)
        writer = index.writer(heap_size=256 << 20, num_threads=1)
        for text in passages:
            writer.add_document(library.Document(text=text))
        writer.commit()
        writer.wait_merging_threads()
        build = time.perf_counter() - start
        index.reload()
        searcher = index.searcher()

        def ask(query):
            searcher.search(index.parse_query(query, ["text"]), top_k)

        for query in queries:
            ask(query)
        return {"build_seconds": build, **timed(queries, ask)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus")
    parser.add_argument("queries")
    parser.add_argument("--top-k", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with open(options.corpus, encoding="utf-8") as file:
        passages = [json.loads(line)["text"] for line in file]
    with open(options.queries, encoding="utf-8") as file:
        queries = file.read().split("\n")
    for name, measure in (("python-fts5-or", fts5), ("bm25s-numba", bm25s), ("tantivy", tantivy)):
        try:
            result = measure(passages, queries, options.top_k)
        except ImportError as error:
            print(f"{name}: not installed ({error.name})", file=sys.stderr)
            continue
        if options.json:
            print(json.dumps({"peer": name, **result}))
        else:
            print(
                f"{name:16}{result['queries_per_second']:10.0f} queries/s   p50 {result['p50_ms']:.3f} ms   "
                f"p99 {result['p99_ms']:.3f} ms   built in {result['build_seconds']:.1f} s")


main()
