//! How an event is called.

/// Bytes of a name, at most.
const MAX_NAME: usize = 40;

/// The name of the variant that an event's MessagePack starts with: an enum's variant is a text, or a map of one text to its
/// content. `None` for events that are no enum.
pub(super) fn event_name(body: &[u8]) -> Option<&str> {
    const MAP_OF_ONE: u8 = 0x81;
    let body = match body {
        [MAP_OF_ONE, text @ ..] => text,
        text => text,
    };
    let (len, rest) = match body {
        [short @ 0xA0..=0xBF, rest @ ..] => (usize::from(short & 0x1F), rest),
        [0xD9, len, rest @ ..] => (usize::from(*len), rest),
        _ => return None,
    };
    let name = std::str::from_utf8(rest.get(..len)?).ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    // Reports and pages show it.
    (!name.is_empty() && len <= MAX_NAME && name.chars().all(plain)).then_some(name)
}
