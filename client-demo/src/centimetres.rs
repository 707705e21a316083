//! Coordinates in events: metres as an `f32` in the game and in text, centimetres as an integer on the wire, for
//! `#[serde(with = "centimetres")]`. What is nearer to the middle of the map than 327 m takes three bytes of MessagePack at most
//! instead of five.

use serde::{Deserialize, Deserializer, Serializer};

const PER_METRE: f32 = 100.0;

/// Writes metres. What is further out than an `i16` tells is written as the outermost that it does.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` ends at the ends of its range"
)]
pub(crate) fn serialize<S: Serializer>(metres: &f32, to: S) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        to.serialize_f32(*metres)
    } else {
        to.serialize_i16((metres * PER_METRE).round() as i16)
    }
}

/// Reads them.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    if from.is_human_readable() {
        f32::deserialize(from)
    } else {
        i16::deserialize(from).map(|there| f32::from(there) / PER_METRE)
    }
}

#[cfg(test)]
mod tests {
    use tickwire_protocol::NetId;

    use crate::Event;

    #[test]
    fn coordinates_are_centimetres_on_the_wire_and_metres_in_text() {
        let event = |x, y| Event::Explosion {
            who: NetId(7),
            x,
            y,
        };
        for (x, y) in [(1.25, -3.5), (0.0, 327.67), (-327.68, 12.34)] {
            let bytes = rmp_serde::to_vec(&event(x, y)).unwrap();
            assert!(bytes.len() <= 1 + 10 + 1 + 1 + 6, "{bytes:?}");
            assert_eq!(rmp_serde::from_slice::<Event>(&bytes).unwrap(), event(x, y));
            let text = serde_json::to_string(&event(x, y)).unwrap();
            assert!(text.contains(&format!("\"x\":{x:?}")), "{text}");
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event(x, y));
        }
        let far = rmp_serde::to_vec(&event(1000.0, f32::NAN)).unwrap();
        assert_eq!(
            rmp_serde::from_slice::<Event>(&far).unwrap(),
            event(327.67, 0.0)
        );
    }
}
