"""A client's reading end, written after PROTOCOL.md and nothing else.

    python3 client.py session.jsonl      reads a recorded session and compares what it sees
    python3 client.py --bits session.jsonl    says what every bit of it is, too

Each line of a session is JSON: first the schema's text, the hash of the tables (and, if the game has its own, their bytes)
and a Welcome; then messages, each with its tick and the rows that the client must have after it: [id, mask, words…]. Between
them are audits, which the client must be able to say of its last snapshot, and messages that it did not read.
"""

import json
import sys

import tables as tables_module
from bits import Bits, Malformed, require
from chunk import read_changed, read_whole
from forecast import Past
from schema import Schema
from xxh3 import xxh3

TICKS = 1 << 32
HISTORY = 64


def since(now, then):
    """Ticks from one to the other; they wrap."""
    ticks = (now - then) % TICKS
    return ticks - TICKS if ticks >= TICKS // 2 else ticks


class Bytes:
    """Takes numbers off a control message."""

    def __init__(self, data):
        self.data = data

    def u8(self):
        require(self.data, "the message ends too early")
        first, self.data = self.data[0], self.data[1:]
        return first

    def take(self, size):
        require(len(self.data) >= size, "the message ends too early")
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def optional(self, what):
        there = self.u8()
        require(there < 2, "neither there nor not")
        return what() if there else None

    def varint(self):
        first = self.u8()
        size = {251: 2, 252: 4, 253: 8}.get(first)
        require(first < 254, "a number that is too wide")
        return first if size is None else int.from_bytes(self.take(size), "little")


def varint(number):
    """The shortest varint."""
    if number <= 250:
        return bytes([number])
    size = next(size for size in (2, 4, 8) if number < 1 << 8 * size)
    return bytes([{2: 251, 4: 252, 8: 253}[size]]) + number.to_bytes(size, "little")


def hash_of(*numbers):
    """The hash of some u32."""
    return xxh3(b"".join(n.to_bytes(4, "little") for n in numbers))


class Kept:
    """A snapshot: rows by id, each a mask and words; their tiers; which are exact; which tiers it told of."""

    def __init__(self, tick):
        self.tick = tick
        self.rows = {}
        self.tiers = {}
        self.exact = set()
        self.told = [True] * 4


class Client:
    """Everything that a client knows."""

    def __init__(self, schema, tables, welcome):
        self.schema = schema
        self.steady, self.late, _ = tables
        message = Bytes(welcome)
        require(message.u8() == 0 and message.u8() == 0, "no Welcome")
        self.own = message.varint()
        self.tick = message.varint()
        self.tick_rate = message.u8()
        self.interval = message.u8()
        self.periods = [period for period in message.take(4) if period > 0]
        self.rewind_limit = message.varint()
        self.level = message.take(message.varint()).decode()
        self.level_hash = message.varint()
        self.token = message.optional(lambda: message.take(16))
        require(not message.data, "bytes behind the message")
        self.tier_bits = (len(self.periods) - 1).bit_length()
        self.newest = None
        # By tick, the oldest first; the last is what a snapshot builds on when it does not say otherwise.
        self.kept = {}
        self.last = None

    def read(self, message):
        """A snapshot message: what it says of every bit of its body."""
        require(message and message[0] & 3 == 1, "no snapshot")
        tick, last, body = self._header(message)
        require(self.newest is None or since(tick, self.newest) > 0, "an older snapshot")
        if last is None:
            kept, base = {}, Kept(tick)
        else:
            require(last in self.kept, "a baseline that is not there")
            kept = {t: s for t, s in self.kept.items() if since(last, t) >= 0}
            base = self.kept[last]
        reading = Reading(self, kept, base, tick, last, body)
        now = reading.run()
        # Nothing was changed until here: a malformed message leaves the client as it was.
        for snapshot in kept.values():
            snapshot.exact -= reading.lost
        kept[tick] = now
        self.kept = {t: s for t, s in kept.items() if since(tick, t) < HISTORY}
        self.newest = self.last = tick
        return reading

    def audit(self):
        """What the client says of the newest snapshot when it went wrong."""
        sums = [0] * (64 + 64 + 1 + len(self.schema.columns))

        def add(at, value):
            sums[at] = (sums[at] + value) % (1 << 16)

        for id, (mask, words) in self.kept[self.last].rows.items():
            checksum = hash_of(id, mask, *words)
            add(id % 64, checksum)
            add(64 + id // 64 % 64, checksum)
            for i, word in enumerate([mask, *words]):
                add(128 + i, hash_of(id, i, word))
        sums = b"".join(n.to_bytes(2, "little") for n in sums)
        return bytes([0, 3]) + varint(self.last) + varint(len(sums)) + sums

    def _header(self, message):
        ticks = message[0] >> 2
        rest = Bytes(message[1:])
        if ticks > 0:
            require(self.last is not None, "no last snapshot")
            last = self.last
            tick = (last + ticks) % TICKS
        else:
            tick = int.from_bytes(rest.take(4), "little")
            back = rest.u8()
            require(back < HISTORY, "a baseline that is too old")
            last = (tick - back) % TICKS if back > 0 else None
        self.slack = self._slack(rest)
        return tick, last, rest.data

    @staticmethod
    def _slack(rest):
        """The middle and the least."""
        middle = rest.u8()
        if middle == 254:
            return None
        middle = int.from_bytes(rest.take(2), "little", signed=True) if middle == 255 else middle - 32
        below = rest.u8()
        below = int.from_bytes(rest.take(2), "little") if below == 255 else below
        require(middle - below >= -32768, "a least slack that cannot be")
        return middle, middle - below


class Reading:
    """The body of one message."""

    def __init__(self, client, kept, base, tick, last, body):
        self.client = client
        self.kept = kept
        self.base = base
        self.last = last
        self.body = body
        self.bits = Bits(body)
        self.now = Kept(tick)
        self.lost = set()
        self.left = set()
        self.checked = False

    def run(self):
        now, bits = self.now, self.bits
        now.told = [self._tells_of(period) for period in self.client.periods]
        now.rows = dict(self.base.rows)
        now.tiers = dict(self.base.tiers)
        self._lost()
        self._tiers()
        told = self._told()
        self._new()
        expired = self._batches(told)
        for id in expired:
            self._whole(id, "expired")
        now.exact |= set(told)
        used = (bits.at + 7) // 8
        require(bits.take(8 * used - bits.at) == 0, "the last byte is not filled up with zeros")
        bits.note("fills up the last byte")
        checksum = self.body[used:]
        require(len(checksum) in (0, 4), "bytes behind the body")
        if checksum:
            self.checked = True
            require(int.from_bytes(checksum, "little") == self._sum(), "the checksum says otherwise")
        return now

    def _tells_of(self, period):
        if period == 1 or self.last is None:
            return True
        ticks = period * self.client.interval
        return self.now.tick // ticks != self.last // ticks

    def _tier(self):
        tier = self.bits.take(self.client.tier_bits)
        require(tier < len(self.client.periods), "a tier that is not there")
        return tier

    def _lost(self):
        ids = sorted(self.base.rows)
        lost = [ids[place] for place in self.bits.places(len(ids))]
        self.bits.note(f"lost: {lost or 'none'}")
        for id in lost:
            if self.bits.take(1) == 1:
                self.left.add(id)
            self.bits.note(f"{id} {'left' if id in self.left else 'is despawned'}")
            del self.now.rows[id], self.now.tiers[id]
        self.lost = set(lost)

    def _tiers(self):
        if self.client.tier_bits == 0:
            return
        ids = sorted(self.now.rows)
        moved = [ids[place] for place in self.bits.places(len(ids))]
        self.bits.note(f"other tier: {moved or 'none'}")
        for id in moved:
            self.now.tiers[id] = self._tier()
            self.bits.note(f"{id}: tier {self.now.tiers[id]}")

    def _told(self):
        due = [id for id in sorted(self.now.rows) if self.now.told[self.now.tiers[id]]]
        count = self.bits.gamma()
        require(count <= len(due), "more rows wait than are due")
        most = 2 * count > len(due)
        named = self.bits.gaps(len(due) - count if most else count, len(due))
        waiting = [id for place, id in enumerate(due) if (place in named) != most]
        self.bits.note(f"waiting: {waiting or 'none'} of {due}")
        return [id for id in due if id not in waiting]

    def _new(self):
        count = self.bits.gamma()
        self.bits.note(f"{count} new")
        after = 0
        for _ in range(count):
            id = after + self.bits.gamma()
            after = id + 1
            require(id < 1 << 24 and id not in self.now.rows, "a new row that is there, or cannot be")
            self.bits.note(f"entity {id}")
            self.now.tiers[id] = self._tier()
            if self.client.tier_bits > 0:
                self.bits.note(f"tier {self.now.tiers[id]}")
            self._whole(id, "new")
            self.now.exact.add(id)

    def _whole(self, id, why):
        mask, words, symbols = read_whole(self.client.schema, self.client.steady, self.bits)
        self.now.rows[id] = (mask, words)
        self.bits.note(f"{id}, {why}: " + ", ".join(symbols))

    def _batches(self, told):
        batches = {}
        expired = []
        for id in told:
            ticks = [t for t, s in self.kept.items() if id in s.exact and since(self.now.tick, t) < HISTORY]
            if ticks:
                # Ticks come by age, so the last one is the newest.
                name = (self.now.tiers[id], since(self.now.tick, ticks[-1]))
                batches.setdefault(name, []).append(id)
            else:
                expired.append(id)
        for (tier, back), ids in sorted(batches.items()):
            self._batch(tier, back, ids)
        return expired

    def _stride(self, tier, back):
        version = self.now.tick - back

        def has(ticks):
            snapshot = self.kept.get((version - ticks) % TICKS)
            return snapshot is not None and snapshot.told[tier]

        for strides in (3, 2, 1):
            for ticks in range(1, back + 1):
                fits = back % ticks == 0 and back + strides * ticks < HISTORY
                if fits and all(has(k * ticks) for k in range(1, strides + 1)):
                    return ticks
        return back

    def _past(self, id, back, stride):
        before = []
        for k in range(4):
            ticks = back + k * stride
            snapshot = self.kept.get((self.now.tick - ticks) % TICKS) if ticks < HISTORY else None
            has = snapshot is not None and id in snapshot.exact
            before.append(snapshot.rows[id] if has else None)
        (mask, base), *before = before
        return Past(mask, base, before, back // stride)

    def _batch(self, tier, back, ids):
        client = self.client
        tables = client.steady if back == client.interval else client.late
        stride = self._stride(tier, back)
        pasts = {id: self._past(id, back, stride) for id in ids}
        shares = {id: tables.changed.at(past.changed_place()) for id, past in pasts.items()}
        asked = {id for id, starts in shares.items() if starts[2] - starts[1] >= 4096}
        calm = [id for id in ids if id not in asked]
        surprises = {calm[place] for place in self.bits.places(len(calm))}
        of = f"tier {tier}, {back} ticks back, stride {stride}"
        self.bits.note(f"surprises: {sorted(surprises) or 'none'} of {calm} ({of})")
        for id in sorted(asked | surprises):
            mask, words, symbols = read_changed(
                client.schema, tables, pasts[id], self.bits, id in asked
            )
            self.now.rows[id] = (mask, words)
            self.bits.note(f"{id}: " + ", ".join(symbols))

    def _sum(self):
        rows = self.now.rows.items()
        sums = (hash_of(id, mask, *words) for id, (mask, words) in rows)
        return (self.now.tick + sum(sums)) % (1 << 32)


def start(line):
    """A client from a session's first line."""
    schema = Schema(line["schema"])
    if "own_tables" in line:
        tables = tables_module.read(schema, bytes.fromhex(line["own_tables"]))
    else:
        tables = tables_module.neutral(schema)
    require(f"{tables[2]:016x}" == line["tables"], "other tables than the server's")
    return Client(schema, tables, bytes.fromhex(line["welcome"]))


def main(path, shows_bits):
    with open(path, encoding="utf-8") as file:
        first, *lines = map(json.loads, file)
    client = start(first)
    checksums = 0
    for number, line in enumerate(lines, 2):
        if "unread" in line:
            continue
        if "audit" in line:
            if client.audit().hex() != line["audit"]:
                return f"line {number}: expected the audit\n{line['audit']}, but this is\n{client.audit().hex()}"
            continue
        message = bytes.fromhex(line["message"])
        try:
            reading = client.read(message)
        except Malformed as error:
            return f"line {number}: {error}"
        checksums += reading.checked
        if shows_bits:
            print(f"\nline {number}: tick {client.last}, slack {client.slack}")
            for shown, what in reading.bits.notes:
                print(f"{shown:15} {what}")
        rows = client.kept[client.last].rows
        seen = [[id, mask, *words] for id, (mask, words) in sorted(rows.items())]
        if (client.last, seen) != (line["tick"], line["rows"]):
            return f"line {number}: expected\n{line['tick']} {line['rows']}, but this is\n{client.last} {seen}"
    snapshots = sum("message" in line for line in lines)
    print(f"{snapshots} snapshots are as expected, {checksums} of them with a checksum")
    return None


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--bits"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    sys.exit(main(arguments[0], "--bits" in sys.argv))
