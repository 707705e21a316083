"""Chunks: rows as bits. PROTOCOL.md, "Chunks"."""

from bits import require
from forecast import Motion, Past, Situation, Turn

OTHER_MASK = [0, 32752, 32768]
HAS = [0, 16384, 32768]
HOLD = 15
NEAR_BITS = [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
ROUGH_SIZES = [0, 1, 1, 2, 2, 3, 3, 6, 6, 12, 12, 24, 24, None, None, 8]
U32 = (1 << 32) - 1


class Decoder:
    """The arithmetic decoder of one chunk."""

    def __init__(self, bits):
        self.bits = bits
        self.low = 0
        self.range = U32
        self.offset = min(bits.peek(bits.at, 32), U32 - 1)
        self.moved = 0

    def symbol(self, starts):
        unit = self.range >> 15
        symbol = next(
            (i for i, end in enumerate(starts[1:]) if self.offset < unit * end),
            len(starts) - 2,
        )
        self.low = self.low + unit * starts[symbol] & U32
        self.offset -= unit * starts[symbol]
        self.range = unit * (starts[symbol + 1] - starts[symbol])
        self.offset = min(self.offset, self.range - 1)
        while self.range < 1 << 31:
            self.low = self.low << 1 & U32
            self.range <<= 1
            self.offset = self.offset << 1 | self.bits.peek(self.bits.at + self.moved + 32, 1)
            self.moved += 1
        return symbol

    def end(self, raw_bits):
        """Takes the chunk's bits; gives the raw ones as one number."""
        kept = min(raw_bits, 12)
        wanted = 1 << kept
        for width in (kept + 1, kept + 2):
            size = 1 << 32 - width
            first = -(-self.low // size)
            last = (self.low + self.range) // size
            if last - first >= wanted:
                break
        pair = -(-first // 2)
        wide = max(min(last - first - wanted, last // 2 - pair), 0)
        cell = (self.low + self.offset) // size
        odd = first % 2
        require(cell >= first, "a chunk that ends nowhere")
        if odd and cell == first:
            tail = wide
        elif cell < 2 * (pair + wide):
            tail = cell // 2 - pair
            width -= 1
        else:
            tail = wide + odd + cell - 2 * (pair + wide)
        require(tail < wanted, "a chunk that ends nowhere")
        self.bits.take(self.moved + width)
        return tail << raw_bits - kept | self.bits.take(raw_bits - kept)


class Word:
    """A word whose symbols are read, and whose raw bits are not yet."""

    def __init__(self, column, forecast, version, flipped):
        self.column = column
        self.forecast = forecast
        self.version = version
        self.flipped = flipped
        self.symbol = self.magnitude = self.bits = 0
        self.signed = False

    def read(self, decoder, table, place, magnitudes, magnitude_place):
        starts = table.at(place)
        self.symbol = decoder.symbol(starts)
        if self.symbol in (13, 14):
            self.magnitude = decoder.symbol(magnitudes.at(magnitude_place))
            self.bits = 32 if self.magnitude == 15 else self.magnitude + 5
        elif self.symbol != HOLD:
            self.bits = NEAR_BITS[self.symbol]
        minus = self.symbol + 1
        self.signed = self.symbol % 2 == 1 and minus < HOLD and starts[minus] == starts[minus + 1]

    def rough_size(self):
        if self.symbol in (13, 14):
            return 48 << self.magnitude
        return ROUGH_SIZES[self.symbol]

    def value(self, raw):
        """The word; `raw` gives so many raw bits."""
        if self.symbol == HOLD:
            return self.version
        minus = self.signed and raw(1) == 1
        minus = minus or (self.symbol > 0 and self.symbol % 2 == 0)
        size = raw(self.bits)
        if self.symbol in (13, 14):
            size += (1 << self.magnitude + 5) + 1
        elif self.symbol >= 3:
            size += (1 << (self.symbol - 1) // 2 - 1) + 1
        elif self.symbol > 0:
            size += 1
        if self.column.kind == "flag":
            word = self.forecast + size * (1 - 2 * self.forecast)
        else:
            word = self.forecast + (-size if minus != self.flipped else size)
        if self.column.kind == "angle" and size <= self.column.max:
            word %= self.column.max + 1
        require(0 <= word <= self.column.max, f"{self.column.name} out of range")
        return word

    def __str__(self):
        far = f", magnitude {self.magnitude}" if self.symbol in (13, 14) else ""
        raw = self.bits + self.signed
        return f"{self.column.name} {self.symbol}{far}" + (f" +{raw} raw" if raw else "")


class Row:
    """A row that is being read from a chunk."""

    def __init__(self, schema, tables, past, whole):
        self.schema = schema
        self.tables = tables
        self.past = past
        self.whole = whole
        self.words = []
        self.told = []

    def read(self, bits, asked):
        """Gives the mask and the words."""
        decoder = Decoder(bits)
        if asked:
            changed = decoder.symbol(self.tables.changed.at(self.past.changed_place()))
            self.told.append(f"changed {changed}")
            if changed == 0:
                decoder.end(0)
                return self.past.mask, self.past.base
        mask = self._mask(decoder)
        row = list(self.past.base)
        situation = Situation()
        for index, group in enumerate(self.schema.groups):
            if mask >> group.component & 1 == 0:
                for i in group.columns:
                    row[i] = 0
            else:
                self._group(decoder, index, group, row, situation)
        raw_bits = sum(word.bits + word.signed for _, word in self.words)
        raw = decoder.end(raw_bits)

        def take(width):
            nonlocal raw_bits
            raw_bits -= width
            return raw >> raw_bits & ((1 << width) - 1)

        for i, word in self.words:
            row[i] = word.value(take)
        return mask, row

    def _mask(self, decoder):
        if not self.whole:
            other = decoder.symbol(OTHER_MASK)
            self.told.append("other mask" if other else "same mask")
            if not other:
                return self.past.mask
        mask = 0
        for i, name in enumerate(self.schema.components):
            has = decoder.symbol(HAS)
            mask |= has << i
            self.told.append(name if has else f"no {name}")
        return mask

    def _group(self, decoder, index, group, row, situation):
        fresh = self.whole or self.past.mask >> group.component & 1 == 0
        columns = self.schema.columns
        if group.rotation:
            largest_word = columns[group.columns[1]].max
            turn = Turn(self.past, group.columns, largest_word, fresh)
            quiet = situation.enter(turn.strongest, turn.fastest, turn.still, fresh)
        else:
            motions = [Motion(self.past, i, columns[i]) for i in group.columns]
            moved = max(abs(m.by) for m in motions)
            still = 0 if moved else 1 if any(m.before for m in motions) else 2
            strongest = max(m.force for m in motions)
            quiet = situation.enter(strongest, moved * self.past.steps, still, fresh)
        if not fresh and len(group.columns) > 1:
            situation.heard = decoder.symbol(self.tables.quiet[index].at(quiet))
            name = self.schema.components[group.component]
            self.told.append(f"{name} {situation.heard}")
            if situation.heard == 0:
                return
        if group.rotation:
            self._rotation(decoder, group, turn, row, situation)
            return
        for i, motion in zip(group.columns, motions):
            forecast = motion.forecast(columns[i], self.tables.modes[i])
            word = Word(columns[i], forecast, motion.base, motion.flipped)
            self._word(decoder, i, word, motion.force, motion.speed, situation)

    def _rotation(self, decoder, group, turn, row, situation):
        first, *rest = group.columns
        place = decoder.symbol(self.tables.word[first].at(situation.largest(turn.lead())))
        require(place < 4, "a rotation has four components")
        self.told.append(f"{self.schema.columns[first].name} {place}")
        largest = turn.by_size()[place]
        row[first] = largest
        for i, (forecast, flipped, force, speed) in zip(rest, turn.parts(largest)):
            word = Word(self.schema.columns[i], forecast, forecast, flipped)
            self._word(decoder, i, word, force, speed, situation)

    def _word(self, decoder, i, word, force, speed, situation):
        place = situation.word(force, speed)
        magnitude = situation.magnitude(force)
        word.read(decoder, self.tables.word[i], place, self.tables.magnitude[i], magnitude)
        situation.tell(word.rough_size())
        self.words.append((i, word))
        self.told.append(str(word))


def read_whole(schema, tables, bits):
    """A row without a past: its mask, its words, and what its symbols were."""
    row = Row(schema, tables, Past(0, [0] * len(schema.columns), [], 1), True)
    return *row.read(bits, False), row.told


def read_changed(schema, tables, past, bits, asked):
    """A row from its version: the same."""
    row = Row(schema, tables, past, False)
    return *row.read(bits, asked), row.told
