//! Which field kind a field gets, from its type and its settings.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, Field, Result, Type};

use crate::attribute::Settings;

/// A field kind, as the type and the value of a constant.
pub(crate) struct Kind {
    pub(crate) ty: TokenStream,
    pub(crate) value: TokenStream,
}

pub(crate) fn kind_of(field: &Field, settings: &Settings) -> Result<Kind> {
    let Kind { ty, value } = kind_of_type(field, &field.ty, settings)?;
    // So that the compiler's own errors (an impossible range, a type that is not Wire) point at the field.
    let at_field = |tokens: TokenStream| {
        let here = |mut token: TokenTree| {
            // But not the braces around an array's length: lints would take them for the user's.
            let braces = matches!(&token, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
            if !braces {
                token.set_span(field.ty.span());
            }
            token
        };
        tokens.into_iter().map(here).collect()
    };
    Ok(Kind {
        ty: at_field(ty),
        value: at_field(value),
    })
}

fn kind_of_type(field: &Field, ty: &Type, settings: &Settings) -> Result<Kind> {
    if let Type::Array(array) = ungrouped(ty) {
        let Kind { ty, value } = kind_of_type(field, &array.elem, settings)?;
        let len = &array.len;
        return Ok(Kind {
            ty: quote!(::tickwire_protocol::field::Array<#ty, { #len }>),
            value: quote!(::tickwire_protocol::field::Array(#value)),
        });
    }
    match type_name(ty).as_deref() {
        Some("bool") => flag(field, settings),
        Some(int @ ("u8" | "u16" | "u32")) => {
            settings.only(
                field,
                &["max", "teleport"],
                "an unsigned integer takes `max` and `teleport`",
            )?;
            let max = match &settings.max {
                Some(max) => quote!({ const MAX: #ty = #max; MAX as u32 }),
                None => match int {
                    "u8" => quote!(0xFF),
                    "u16" => quote!(0xFFFF),
                    _ => quote!(0xFFFF_FFFF),
                },
            };
            let teleport = settings.teleport.then(|| quote!(.teleport()));
            Ok(Kind {
                ty: quote!(::tickwire_protocol::field::UInt),
                value: quote!(::tickwire_protocol::field::UInt::new(#max) #teleport),
            })
        }
        Some("f32") => float(field, settings),
        Some(
            other @ ("i8" | "i16" | "i32" | "i64" | "u64" | "usize" | "isize" | "f64" | "String"
            | "Vec" | "char"),
        ) => Err(Error::new_spanned(
            ty,
            format!(
                "`{other}` cannot travel in a row; there are bool, u8, u16, u32, f32, Rotation, enums, structs and arrays of these. Strings and lists travel as events"
            ),
        )),
        _ if settings.rotation.is_some() => rotation(field, settings),
        Some("Rotation") => Err(Error::new_spanned(
            ty,
            "a rotation needs `#[wire(rotation = BITS)]`, for instance 9",
        )),
        _ => {
            settings.only(field, &[], "a type of its own says it itself")?;
            Ok(Kind {
                ty: quote!(::tickwire_protocol::field::Nested),
                value: quote!(::tickwire_protocol::field::Nested),
            })
        }
    }
}

fn flag(field: &Field, settings: &Settings) -> Result<Kind> {
    settings.only(field, &["edge"], "a bool takes `edge` or nothing")?;
    let edge = settings.edge.then(|| quote!(.edge()));
    Ok(Kind {
        ty: quote!(::tickwire_protocol::field::Flag),
        value: quote!(::tickwire_protocol::field::Flag::new() #edge),
    })
}

fn float(field: &Field, settings: &Settings) -> Result<Kind> {
    let lerp = settings.lerp.then(|| quote!(.lerp()));
    if let Some(bits) = &settings.angle {
        settings.only(
            field,
            &["angle", "lerp"],
            "an angle takes its bits and `lerp`",
        )?;
        return Ok(Kind {
            ty: quote!(::tickwire_protocol::field::Angle),
            value: quote!(::tickwire_protocol::field::Angle::new(#bits) #lerp),
        });
    }
    settings.only(
        field,
        &["min", "max", "step", "lerp", "hermite", "extrapolate"],
        "a float takes `min`, `max`, `step` and `lerp` or `hermite`, or `angle` and `lerp`",
    )?;
    let velocity = settings.velocity()?;
    if settings.lerp && velocity.is_some() {
        return Err(Error::new_spanned(
            &field.ty,
            "`lerp` or `hermite`, not both",
        ));
    }
    if settings.extrapolate && velocity.is_none() {
        return Err(Error::new_spanned(
            &field.ty,
            "`extrapolate` goes by a velocity: name its field by `hermite = …`",
        ));
    }
    let curve = velocity.map(|velocity| {
        let name = velocity.unraw().to_string();
        quote!(.curve(#name))
    });
    let extrapolate = settings.extrapolate.then(|| quote!(.going_on()));
    match (&settings.min, &settings.max, &settings.step) {
        (Some(min), Some(max), Some(step)) => Ok(Kind {
            ty: quote!(::tickwire_protocol::field::Fixed),
            value: quote!(::tickwire_protocol::field::Fixed::new(#min, #max, #step) #lerp #curve #extrapolate),
        }),
        _ => Err(Error::new_spanned(
            &field.ty,
            "a float travels as fixed point: `#[wire(min = -64.0, max = 64.0, step = 0.01)]`, or as an angle: `#[wire(angle = 10)]`",
        )),
    }
}

fn rotation(field: &Field, settings: &Settings) -> Result<Kind> {
    settings.only(
        field,
        &["rotation", "lerp"],
        "a rotation takes its bits and `lerp`",
    )?;
    let bits = &settings.rotation;
    let lerp = settings.lerp.then(|| quote!(.lerp()));
    Ok(Kind {
        ty: quote!(::tickwire_protocol::SmallestThree),
        value: quote!(::tickwire_protocol::SmallestThree::new(#bits) #lerp),
    })
}

/// The last part of a type's path.
fn type_name(ty: &Type) -> Option<String> {
    match ungrouped(ty) {
        Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}

/// A type that came through a macro of the user's stands in an invisible group.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        other => other,
    }
}
