"""RandomState.shuffle in compiled code: the same permutations from the same state of the Mersenne Twister."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble.calls import Ints, jit

POSITION = 0
"""Which counter holds the place in the key, as `RandomState.get_state` gives it."""

_WORDS, _SHIFT = 624, 397
_UPPER, _LOWER, _TWIST = np.uint32(0x80000000), np.uint32(0x7FFFFFFF), np.uint32(0x9908B0DF)


@jit
def next_words(key: NDArray[np.uint32]) -> None:
    """The next 624 words of the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), not yet tempered."""
    for i in range(_WORDS - _SHIFT):
        y = (key[i] & _UPPER) | (key[i + 1] & _LOWER)
        key[i] = key[i + _SHIFT] ^ (y >> np.uint32(1)) ^ (_TWIST * (y & np.uint32(1)))
    for i in range(_WORDS - _SHIFT, _WORDS - 1):
        y = (key[i] & _UPPER) | (key[i + 1] & _LOWER)
        key[i] = key[i + _SHIFT - _WORDS] ^ (y >> np.uint32(1)) ^ (_TWIST * (y & np.uint32(1)))
    y = (key[_WORDS - 1] & _UPPER) | (key[0] & _LOWER)
    key[_WORDS - 1] = key[_SHIFT - 1] ^ (y >> np.uint32(1)) ^ (_TWIST * (y & np.uint32(1)))


@jit
def shuffle(order: Ints, partners: Ints, key: NDArray[np.uint32], counters: Ints) -> None:
    """RandomState.shuffle of `order`: partner of i = n − 1 … 1 is a masked word, drawn again while it exceeds i.

    Every word is written as the partner and i moves on only if it fits: rejection without a branch to mispredict.
    """
    i = order.size - 1
    position = counters[POSITION]
    while i >= 1:
        lowest = 1
        while 2 * lowest <= i:
            lowest *= 2
        mask = np.uint32(2 * lowest - 1)
        while i >= lowest:
            if position == _WORDS:
                next_words(key)
                position = 0
            y = key[position]
            position += 1
            y ^= y >> np.uint32(11)
            y ^= (y << np.uint32(7)) & np.uint32(0x9D2C5680)
            y ^= (y << np.uint32(15)) & np.uint32(0xEFC60000)
            y ^= y >> np.uint32(18)
            partner = np.int64(y & mask)
            partners[i] = partner
            i -= int(partner <= i)
    counters[POSITION] = position
    for i in range(order.size - 1, 0, -1):
        order[i], order[partners[i]] = order[partners[i]], order[i]
