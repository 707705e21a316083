//! What a game author reads when something is wrong.

use syn::{DeriveInput, parse_quote};

use super::expand;

fn refusal(input: &DeriveInput) -> String {
    expand(input)
        .expect_err("the derive must refuse this")
        .to_string()
}

#[test]
fn shapes_without_columns_are_refused_with_what_to_do_instead() {
    let tuple = refusal(&parse_quote!(
        struct Body(f32, f32);
    ));
    assert_eq!(
        tuple,
        "give the fields names: they are the names of the columns"
    );
    let generic = refusal(&parse_quote!(
        struct Body<T> {
            x: T,
        }
    ));
    assert!(generic.contains("no generic parameters"), "{generic}");
    let variant = refusal(&parse_quote!(
        enum Kind {
            Rocket { speed: u8 },
        }
    ));
    assert!(
        variant.contains("use a struct beside the enum"),
        "{variant}"
    );
    let empty = refusal(&parse_quote!(
        enum Never {}
    ));
    assert!(empty.contains("no value to send"), "{empty}");
    let union = refusal(&parse_quote!(
        union Both {
            a: u8,
        }
    ));
    assert_eq!(union, "a union cannot travel");
}

#[test]
fn types_that_cannot_travel_are_named() {
    let wide = refusal(&parse_quote!(
        struct S {
            a: u64,
        }
    ));
    assert!(
        wide.starts_with("`u64` cannot travel in a row; there are bool, u8"),
        "{wide}"
    );
    let text = refusal(&parse_quote!(
        struct S {
            a: [String; 2],
        }
    ));
    assert!(
        text.ends_with("Strings and lists travel as events"),
        "{text}"
    );
}

#[test]
fn settings_that_are_missing_come_with_an_example() {
    let float = refusal(&parse_quote!(
        struct S {
            x: f32,
        }
    ));
    assert!(
        float.contains("#[wire(min = -64.0, max = 64.0, step = 0.01)]"),
        "{float}"
    );
    assert!(float.contains("#[wire(angle = 10)]"), "{float}");
    let half = refusal(&parse_quote!(
        struct S {
            #[wire(min = 0.0, max = 1.0)]
            x: f32,
        }
    ));
    assert_eq!(half, float);
    let rotation = refusal(&parse_quote!(
        struct S {
            turn: tickwire_protocol::Rotation,
        }
    ));
    assert!(rotation.contains("#[wire(rotation = BITS)]"), "{rotation}");
}

#[test]
fn settings_that_do_not_fit_the_type_are_refused() {
    for (input, says) in [
        (
            parse_quote!(
                struct S {
                    #[wire(step = 1.0)]
                    a: u8,
                }
            ),
            "`step` does not apply here: an unsigned integer takes `max` and `teleport`",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(lerp)]
                    a: bool,
                }
            ),
            "`lerp` does not apply here: a bool takes `edge` or nothing",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(angle = 8, step = 0.1)]
                    a: f32,
                }
            ),
            "`step` does not apply here: an angle takes its bits and `lerp`",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(max = 3)]
                    a: Kind,
                }
            ),
            "`max` does not apply here: a type of its own says it itself",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(max = 3, max = 4)]
                    a: u8,
                }
            ),
            "`max` is given twice",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(edge, edge)]
                    a: bool,
                }
            ),
            "`edge` is given twice",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(bits = 8)]
                    a: u8,
                }
            ),
            "unknown setting `bits`; there are min, max, step, angle, rotation, lerp, hermite, extrapolate, teleport, edge",
        ),
    ] {
        assert_eq!(refusal(&input), says);
    }
}

#[test]
fn curves_need_a_velocity() {
    for (input, says) in [
        (
            parse_quote!(
                struct S {
                    #[wire(min = 0.0, max = 1.0, step = 0.1, lerp, extrapolate)]
                    x: f32,
                }
            ),
            "`extrapolate` goes by a velocity: name its field by `hermite = …`",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(min = 0.0, max = 1.0, step = 0.1, lerp, hermite = v)]
                    x: f32,
                    #[wire(min = 0.0, max = 1.0, step = 0.1)]
                    v: f32,
                }
            ),
            "`lerp` or `hermite`, not both",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(min = 0.0, max = 1.0, step = 0.1, hermite = speed)]
                    x: f32,
                }
            ),
            "there is no field `speed` to take the velocity from",
        ),
        (
            parse_quote!(
                struct S {
                    #[wire(min = 0.0, max = 1.0, step = 0.1, hermite = 3.0)]
                    x: f32,
                }
            ),
            "`hermite` takes the name of the field with the velocity: `hermite = vx`",
        ),
    ] {
        assert_eq!(refusal(&input), says);
    }
}

#[test]
fn settings_in_the_wrong_place_are_not_overlooked() {
    let container = refusal(&parse_quote!(
        #[wire(max = 3)]
        struct S {
            a: u8,
        }
    ));
    assert!(container.ends_with("it goes on the fields"), "{container}");
    let variant = refusal(&parse_quote!(
        enum Kind {
            #[wire(max = 3)]
            Rocket,
        }
    ));
    assert!(
        variant.ends_with("it goes on the field that has this enum's type"),
        "{variant}"
    );
}
