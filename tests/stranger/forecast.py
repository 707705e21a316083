"""What a row's words will probably be. PROTOCOL.md, "Forecasts" and "Situations"."""

from math import sqrt

from tables import BEND, HALF, HOLD

ROOT = sqrt(2.0)
ROOT_OF_HALF = 0.7071067811865476


def level(size):
    for limit, found in ((2, size), (4, 3), (8, 4), (16, 5), (64, 6)):
        if size <= limit:
            return found
    return 7


def speed(size):
    return (size > 0) + (size > 2) + (size > 8)


def toward_zero(a, b):
    return -(-a // b) if a < 0 else a // b


class Past:
    """What is known of an entity: its row in its version, and what it was before."""

    def __init__(self, mask, base, before, steps):
        self.mask = mask
        self.base = self.recent = self.older = base
        self.age = 3
        self.steps = steps
        self.weight = steps * (steps + 1) // 2
        for i, row in enumerate(before):
            if row is None or row[0] != mask:
                break
            words = row[1]
            if self.age == 3:
                if words != base:
                    self.recent = self.older = words
                    self.age = i
            elif words != self.recent:
                self.older = words
                break

    def changed_place(self):
        moved = bent = 0
        for b, r, o in zip(self.base, self.recent, self.older):
            moved += abs(b - r)
            bent += abs((b - r) - (r - o))
        return (self.age * 5 + min(level(moved), 4)) * 4 + speed(bent)


def difference(a, b, column):
    plain = a - b
    if column.kind != "angle":
        return plain
    turn = column.max + 1
    if plain > turn // 2:
        return plain - turn
    if plain < -(turn // 2):
        return plain + turn
    return plain


class Motion:
    """How one column moved."""

    def __init__(self, past, at, column):
        base, recent, older = past.base[at], past.recent[at], past.older[at]
        self.base = base
        self.by = difference(base, recent, column)
        self.before = difference(recent, older, column)
        self.bend = self.by - self.before
        self.force = abs(self.bend) * past.weight
        self.speed = speed(abs(self.by))
        self.steps = past.steps
        self.flipped = (self.bend or self.by) < 0

    def forecast(self, column, modes):
        mode = modes[level(abs(self.bend)) * 4 + speed(abs(self.by))]
        if mode == HOLD:
            ahead = 0
        elif mode == HALF:
            ahead = toward_zero(self.by * self.steps, 2)
        else:
            ahead = self.by * self.steps
            if mode == BEND:
                ahead += toward_zero(self.bend * self.steps, 2)
        word = self.base + ahead
        if column.kind == "angle":
            return word % (column.max + 1)
        return min(max(word, 0), column.max)


def quaternion(words, largest_word):
    """The quaternion of a rotation's four words."""
    largest, *parts = words
    scale = ROOT / largest_word
    a, b, c = (word * scale - ROOT_OF_HALF for word in parts)
    rest = sqrt(max(1.0 - a * a - b * b - c * c, 0.0))
    whole = [a, b, c]
    whole.insert(largest, rest)
    return whole


def dot(p, q):
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2] + p[3] * q[3]


def beside(q, other):
    return [-c for c in q] if dot(q, other) < 0.0 else q


def turn(start, end, times):
    twice = 2.0 * dot(start, end)
    for _ in range(times):
        start, end = end, [twice * b - a for a, b in zip(start, end)]
    return end


class Turn:
    """How a rotation moved, and where it will be."""

    def __init__(self, past, columns, largest_word, fresh):
        base, recent, older = ([row[i] for i in columns] for row in (past.base, past.recent, past.older))
        self.max = float(largest_word)
        self.weight = float(past.weight)
        self.still = 0 if base != recent else 1 if recent != older else 2
        self.by = self.bend = [0.0] * 4
        self.due = quaternion(base, self.max)
        if self.still < 2 and not fresh:
            self._move(past, base, recent, older)
        self.strongest = int(max(map(abs, self.bend)) * self.weight + 0.5)
        self.fastest = int(max(map(abs, self.by))) * past.steps

    def _move(self, past, base, recent, older):
        base, recent, older = (quaternion(row, self.max) for row in (base, recent, older))
        recent = beside(recent, base)
        older = beside(older, recent)
        was_due = turn(older, recent, 1)
        self.due = turn(recent, base, past.steps)
        scale = self.max * ROOT_OF_HALF
        self.by = [(b - r) * scale for b, r in zip(base, recent)]
        self.bend = [(b - d) * scale for b, d in zip(base, was_due)]

    def lead(self):
        first, second, *_ = sorted(map(abs, self.due), reverse=True)
        return level(int((first - second) * self.max))

    def by_size(self):
        """The components, the largest first."""
        return sorted(range(4), key=lambda i: -abs(self.due[i]))

    def parts(self, largest):
        """Of each part: the forecast, whether it is flipped, force and speed."""
        minus = self.due[largest] < 0.0
        scale = -ROOT if minus else ROOT
        for i in range(4):
            if i == largest:
                continue
            due, by, bend = self.due[i], self.by[i], self.bend[i]
            word = (due * scale + 1.0) * 0.5 * self.max + 0.5
            word = int(min(max(word, 0.0), self.max))
            toward = by if abs(bend) < 0.5 else bend
            yield word, (toward < 0.0) != minus, int(abs(bend) * self.weight + 0.5), speed(int(abs(by)))


class Situation:
    """Walks through the groups of a row and says where the symbols stand."""

    def __init__(self):
        self.heard = 2
        self.sums = []

    def enter(self, strongest, fastest, still, fresh):
        self.strongest = strongest
        self.fresh = fresh
        self.before = max(self.sums, default=None)
        self.sum = None
        return ((still * 4 + speed(fastest)) * 4 + speed(strongest)) * 3 + self.heard

    def word(self, force, word_speed):
        if self.fresh:
            return 2048
        size = self.sum if self.sum is not None else self.before
        told = 0 if size is None else 1 + min(6, level(size))
        return ((level(force) * 8 + level(self.strongest)) * 8 + told) * 4 + word_speed

    def largest(self, lead):
        return 64 if self.fresh else lead * 8 + level(self.strongest)

    def magnitude(self, force):
        return 8 if self.fresh else level(force)

    def tell(self, rough_size):
        if self.sum is None:
            self.sum = 0
            self.sums.append(0)
        self.sum += rough_size
        self.sums[-1] = self.sum
