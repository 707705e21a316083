"""Bits of a snapshot, most significant first. PROTOCOL.md, "Bits"."""


class Malformed(Exception):
    """Bytes that no server writes."""


def require(condition, what):
    if not condition:
        raise Malformed(what)


class Bits:
    """Reads bits, and can take down what they were for."""

    def __init__(self, data):
        self.data = data
        self.number = int.from_bytes(data, "big")
        self.length = 8 * len(data)
        self.at = 0
        self.notes = []
        self.noted = 0

    def peek(self, at, width):
        """Bits that are not taken; zeros behind the end."""
        spare = self.length - at - width
        number = self.number >> spare if spare >= 0 else self.number << -spare
        return number & ((1 << width) - 1)

    def take(self, width):
        require(self.at + width <= self.length, "the message ends too early")
        value = self.peek(self.at, width)
        self.at += width
        return value

    def gamma(self):
        zeros = 0
        while self.take(1) == 0:
            zeros += 1
            require(zeros <= 31, "a gamma code of more than 32 bits")
        return (1 << zeros | self.take(zeros)) - 1

    def places(self, everything):
        """Which few of so many things are meant."""
        return self.gaps(self.gamma(), everything)

    def gaps(self, count, everything):
        """The same when it is known how many."""
        require(count <= everything, "more places than things")
        width = max((everything // (count + 1)).bit_length() - 1, 0)
        places = []
        after = 0
        for _ in range(count):
            gap = self.gamma() << width
            gap |= self.take(width)
            places.append(after + gap)
            require(places[-1] < everything, "a place behind the last thing")
            after = places[-1] + 1
        return places

    def note(self, text):
        """Says what the bits since the last note were."""
        width = self.at - self.noted
        shown = f"{self.peek(self.noted, width):0{width}b}" if width else ""
        self.notes.append((shown, text))
        self.noted = self.at
