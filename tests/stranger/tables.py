"""Tables: the shares of symbols, the modes of columns. PROTOCOL.md, "Tables"."""

from pathlib import Path

from bits import require
from xxh3 import xxh3

NEUTRAL = Path(__file__).parents[2] / "protocol/src/codec/neutral.bin"
NEUTRAL_CLASSES = [
    ("changed", None),
    ("quiet", None),
    ("word", "flag"),
    ("word", "enum"),
    ("word", "fixed"),
    ("word", "angle"),
    ("word", "largest"),
    ("word", "part"),
    ("magnitude", "flag"),
    ("magnitude", "enum"),
    ("magnitude", "fixed"),
    ("magnitude", "angle"),
    ("magnitude", "part"),
]
HOLD, HALF, LINEAR, BEND = range(4)


def places_of(symbol, kind):
    """How many places a class has."""
    if symbol == "word" and kind == "largest":
        return 65
    return {"changed": 80, "quiet": 144, "word": 2049, "magnitude": 9}[symbol]


def classes_of(schema):
    """The classes of a game, in the order of its tables."""
    yield "changed", None
    for _ in schema.groups:
        yield "quiet", None
    for column in schema.columns:
        yield "word", column.kind
        yield "magnitude", column.kind


class Table:
    """Shares by place."""

    def __init__(self, data, at, symbol, kind):
        count = data[at] + 1
        at += 1
        signs = symbol == "word" and kind not in ("flag", "largest")
        self.starts = []
        for _ in range(count):
            starts = [int.from_bytes(data[at + i : at + i + 2], "little") for i in range(0, 30, 2)]
            at += 30
            starts = [0, *starts, 1 << 15]
            for i in range(16):
                lacks = starts[i] == starts[i + 1] and signs and i > 0 and i % 2 == 0
                require(starts[i] < starts[i + 1] or lacks, "a symbol without a share")
            self.starts.append(starts)
        self.map = []
        while len(self.map) < places_of(symbol, kind):
            self.map += [data[at + 1]] * (data[at] + 1)
            at += 2
        require(len(self.map) == places_of(symbol, kind), "a map that is too long")
        require(max(self.map) < count, "a distribution that is not there")
        self.end = at

    def at(self, place):
        return self.starts[self.map[place]]


class Set:
    """All tables of a game: steady, or late."""

    def __init__(self, schema, tables, modes):
        groups = len(schema.groups)
        self.changed = tables[0]
        self.quiet = tables[1 : 1 + groups]
        self.word = tables[1 + groups :: 2]
        self.magnitude = tables[2 + groups :: 2]
        self.modes = modes


def neutral(schema):
    """The tables of games without their own: steady and late, and their hash."""
    data = NEUTRAL.read_bytes()
    tables = {}
    at = 0
    for symbol, kind in NEUTRAL_CLASSES:
        tables[symbol, kind] = Table(data, at, symbol, kind)
        at = tables[symbol, kind].end
    require(at == len(data), "bytes behind the tables")
    for symbol in ("word", "magnitude"):
        for kind in ("uint", "reference"):
            tables[symbol, kind] = tables[symbol, "enum"]
    # Never read: a largest component has no magnitude.
    tables["magnitude", "largest"] = None
    modes = [[LINEAR if c.kind in ("fixed", "angle") else HOLD] * 32 for c in schema.columns]
    own = Set(schema, [tables[c] for c in classes_of(schema)], modes)
    return own, own, xxh3(data)


def read(schema, data):
    """A game's own tables: steady, late, and their hash."""
    require(data[:4] == b"TWT1", "no file of tables")
    require(int.from_bytes(data[4:12], "little") == schema.rows_hash, "tables of another game")
    sets = []
    at = 12
    for _ in range(2):
        modes = []
        for _ in schema.columns:
            packed = int.from_bytes(data[at : at + 8], "little")
            modes.append([packed >> 2 * i & 3 for i in range(32)])
            at += 8
        tables = []
        for symbol, kind in classes_of(schema):
            tables.append(Table(data, at, symbol, kind))
            at = tables[-1].end
        sets.append(Set(schema, tables, modes))
    require(at == len(data), "bytes behind the tables")
    return *sets, xxh3(data)
