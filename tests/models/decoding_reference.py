"""Slow searches, one sample at a time, one call of the model a node, with a priority queue: what the batched ones are held to."""

from __future__ import annotations

import heapq
from itertools import count

import numpy as np

from kinelang.models.decoding import Rules, Sentence, Step


def queue_beam(step: Step, rules: Rules, beam: int, n: int) -> list[Sentence]:
    """Beam search of the only sample of a step: nodes wait in a queue, the best of each length are expanded one by one."""
    order = count()
    queue: list[tuple[float, int, tuple[int, ...], object]] = [(0.0, next(order), (), step.start())]
    found: list[Sentence] = []
    for said in range(rules.max_words + 1):
        nodes = [heapq.heappop(queue) for _ in range(min(beam, len(queue)))]
        queue = []
        for cost, _, words, state in nodes:
            log_probabilities, after = step(np.array([[words[-1] if words else rules.first]]), state)
            row = rules.allowed(log_probabilities[0, 0], said)
            total = -cost + row[rules.end]
            if np.isfinite(total):
                found.append(Sentence(words, float(total), float(rules.score(np.asarray(total), said))))
            row[rules.end] = -np.inf
            for word in np.argsort(-row, kind="stable")[:beam]:
                if np.isfinite(row[word]):
                    heapq.heappush(queue, (cost - float(row[word]), next(order), (*words, int(word)), after))
        found = sorted(found, key=lambda sentence: -sentence.score)[:beam]
        if not queue or (len(found) == beam and rules.score(np.asarray(-queue[0][0]), said + 1) <= found[-1].score):
            break
    return found[:n]


def best_first(step: Step, rules: Rules, beam: int, n: int, most: int = 100) -> list[Sentence]:
    """The reference release's search: always the node of the best score is expanded, until n have ended or the queue is too long."""
    order = count()
    queue: list[tuple[float, int, float, tuple[int, ...], object]] = [(0.0, next(order), 0.0, (), step.start())]
    found: list[Sentence] = []
    while queue and len(found) < n:
        _, _, total, words, state = heapq.heappop(queue)
        if words and words[-1] == rules.end:
            found.append(Sentence(words[:-1], total, float(rules.score(np.asarray(total), len(words) - 1))))
            continue
        if len(queue) > most:
            break
        log_probabilities, after = step(np.array([[words[-1] if words else rules.first]]), state)
        row = rules.allowed(log_probabilities[0, 0], len(words))
        for word in np.argsort(-row, kind="stable")[:beam]:
            if np.isfinite(row[word]):
                reached = total + float(row[word])
                heapq.heappush(queue, (-reached / (len(words) + 1), next(order), reached, (*words, int(word)), after))
    return found
