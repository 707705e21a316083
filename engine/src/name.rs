//! What players are called.

use tickwire_protocol::limits::MAX_NAME;

/// What a client wants to be called, fit to be shown: no control characters, no white space around, never empty.
pub(crate) fn clean_name(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !is_unseen(*c)).collect();
    match shorten(shown.trim(), MAX_NAME).trim_end() {
        "" => "Player".to_owned(),
        shown => shown.to_owned(),
    }
}

/// Whether a character has no shape of its own but changes how others are shown: with these, names could pose as others.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The longest start of `text` that has at most `max` bytes.
pub(crate) fn shorten(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_fit_to_show() {
        assert_eq!(clean_name("  Ada\u{7}\n "), "Ada");
        assert_eq!(clean_name("\u{0}\u{202e} \u{200b}"), "Player");
        assert_eq!(clean_name(&"é".repeat(40)).len(), 48);
    }
}
