"""XXH3 with 64 bits and seed 0, as its public specification has it. (Python's standard library has no such hash.)"""

SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)
U64 = (1 << 64) - 1
PRIME32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
PRIME64 = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
STRIPE = 64


def number(data, at, size=8):
    return int.from_bytes(data[at : at + size], "little")


def fold(a, b):
    product = a * b
    return (product & U64) ^ (product >> 64)


def rotate(x, by):
    return (x << by | x >> (64 - by)) & U64


def avalanche(x):
    x ^= x >> 37
    x = x * 0x165667919E3779F9 & U64
    return x ^ x >> 32


def avalanche_of_xxh64(x):
    x = (x ^ x >> 33) * PRIME64[1] & U64
    x = (x ^ x >> 29) * PRIME64[2] & U64
    return x ^ x >> 32


def mix(data, at, secret):
    return fold(
        number(data, at) ^ number(SECRET, secret),
        number(data, at + 8) ^ number(SECRET, secret + 8),
    )


def short(data):
    length = len(data)
    if length > 8:
        low = number(data, 0) ^ number(SECRET, 24) ^ number(SECRET, 32)
        high = number(data, length - 8) ^ number(SECRET, 40) ^ number(SECRET, 48)
        swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
        return avalanche((length + swapped + high + fold(low, high)) & U64)
    if length >= 4:
        both = number(data, length - 4, 4) + (number(data, 0, 4) << 32)
        x = both ^ number(SECRET, 8) ^ number(SECRET, 16)
        x ^= rotate(x, 49) ^ rotate(x, 24)
        x = x * 0x9FB21C651E98DF25 & U64
        x ^= (x >> 35) + length
        x = x * 0x9FB21C651E98DF25 & U64
        return x ^ x >> 28
    if length > 0:
        x = data[0] << 16 | data[length >> 1] << 24 | data[-1] | length << 8
        return avalanche_of_xxh64(x ^ number(SECRET, 0, 4) ^ number(SECRET, 4, 4))
    return avalanche_of_xxh64(number(SECRET, 56) ^ number(SECRET, 64))


def middle(data):
    length = len(data)
    x = length * PRIME64[0]
    if length <= 128:
        for i in range((length - 1) // 32 + 1):
            x += mix(data, 16 * i, 32 * i)
            x += mix(data, length - 16 * (i + 1), 32 * i + 16)
        return avalanche(x & U64)
    x += sum(mix(data, 16 * i, 16 * i) for i in range(8))
    x = avalanche(x & U64)
    x += sum(mix(data, 16 * i, 16 * (i - 8) + 3) for i in range(8, length // 16))
    x += mix(data, length - 16, 136 - 17)
    return avalanche(x & U64)


def accumulate(sums, data, at, secret):
    for i in range(8):
        value = number(data, at + 8 * i)
        key = value ^ number(SECRET, secret + 8 * i)
        sums[i ^ 1] = (sums[i ^ 1] + value) & U64
        sums[i] = (sums[i] + (key & 0xFFFFFFFF) * (key >> 32)) & U64


def long(data):
    sums = [PRIME32[2], *PRIME64[:4], PRIME32[1], PRIME64[4], PRIME32[0]]
    stripes = (len(SECRET) - STRIPE) // 8
    block = STRIPE * stripes
    blocks = (len(data) - 1) // block
    for b in range(blocks):
        for i in range(stripes):
            accumulate(sums, data, b * block + i * STRIPE, 8 * i)
        for i in range(8):
            x = sums[i] ^ sums[i] >> 47 ^ number(SECRET, len(SECRET) - STRIPE + 8 * i)
            sums[i] = x * PRIME32[0] & U64
    for i in range((len(data) - 1 - block * blocks) // STRIPE):
        accumulate(sums, data, blocks * block + i * STRIPE, 8 * i)
    accumulate(sums, data, len(data) - STRIPE, len(SECRET) - STRIPE - 7)
    x = len(data) * PRIME64[0]
    for i in range(4):
        key = 11 + 16 * i
        x += fold(sums[2 * i] ^ number(SECRET, key), sums[2 * i + 1] ^ number(SECRET, key + 8))
    return avalanche(x & U64)


def xxh3(data):
    """The hash of some bytes."""
    if len(data) <= 16:
        return short(data)
    return middle(data) if len(data) <= 240 else long(data)
