//! `#[derive(Wire)]` for Tickwire: see `tickwire_protocol::Wire`, which re-exports it.

mod attribute;
mod kind;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DataEnum, DeriveInput, Error, Fields, FieldsNamed, Ident, Result,
    parse_macro_input,
};

use attribute::Settings;
use kind::kind_of;

/// Implements `Wire` for a struct with named fields, or for an enum whose variants have none.
#[proc_macro_derive(Wire, attributes(wire))]
pub fn derive_wire(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &input.generics,
            "a Wire type has no generic parameters: its columns are the same for everyone",
        ));
    }
    no_settings(&input.attrs, "the fields")?;
    let name = &input.ident;
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => expand_struct(name, fields),
            Fields::Unit => expand_struct(
                name,
                &FieldsNamed {
                    brace_token: syn::token::Brace::default(),
                    named: syn::punctuated::Punctuated::new(),
                },
            ),
            Fields::Unnamed(fields) => Err(Error::new_spanned(
                fields,
                "give the fields names: they are the names of the columns",
            )),
        },
        Data::Enum(data) => expand_enum(name, data),
        Data::Union(data) => Err(Error::new_spanned(
            data.union_token,
            "a union cannot travel",
        )),
    }
}

/// Settings in a place where they would be overlooked are an error.
fn no_settings(attributes: &[Attribute], where_instead: &str) -> Result<()> {
    match attributes.iter().find(|a| a.path().is_ident("wire")) {
        Some(attribute) => Err(Error::new_spanned(
            attribute,
            format!("`#[wire(…)]` says nothing here: it goes on {where_instead}"),
        )),
        None => Ok(()),
    }
}

fn expand_struct(name: &Ident, fields: &FieldsNamed) -> Result<TokenStream> {
    let name_text = name.unraw().to_string();
    let mut names = Vec::new();
    let mut types = Vec::new();
    let mut kinds = Vec::new();
    let mut settings = Vec::new();
    for field in &fields.named {
        names.extend(field.ident.clone());
        types.push(&field.ty);
        let of_field = Settings::of(field)?;
        kinds.push(kind_of(field, &of_field)?);
        settings.push(of_field);
    }
    let consts: Vec<_> = (0..names.len())
        .map(|i| format_ident!("KIND_{i}"))
        .collect();
    let (kind_types, kind_values): (Vec<_>, Vec<_>) =
        kinds.into_iter().map(|k| (k.ty, k.value)).unzip();
    let labels = names.iter().map(|name| name.unraw().to_string());
    let Motion {
        blends,
        extrapolates,
        marks,
    } = Motion::of(&names, &consts, &settings)?;
    // A type of its own holds the kinds, so that generated names meet nothing of the user's.
    Ok(quote! {
        const _: () = {
            use ::tickwire_protocol::field::FieldKind as _;
            struct Kinds;
            impl Kinds { #(const #consts: #kind_types = #kind_values;)* }
            // Named once more, so that a range that cannot be is found by `cargo check` already.
            const _: () = { #(let _ = Kinds::#consts;)* };
            #[automatically_derived]
            #[allow(unused_variables, unused_mut, clippy::unused_unit, reason = "a type without fields uses no argument")]
            impl ::tickwire_protocol::Wire for #name {
                const NAME: &'static str = #name_text;
                const WORDS: usize = 0 #(+ <#kind_types as ::tickwire_protocol::field::FieldKind<#types>>::WORDS)*;
                fn describe(columns: &mut ::tickwire_protocol::Columns) {
                    #(::tickwire_protocol::field::FieldKind::<#types>::describe(&Kinds::#consts, #labels, columns);)*
                }
                fn store(&self, out: &mut ::tickwire_protocol::WordWriter<'_>) {
                    #(Kinds::#consts.store(&self.#names, out);)*
                }
                fn load(words: &mut ::tickwire_protocol::WordReader<'_>) -> Self {
                    Self { #(#names: Kinds::#consts.load(words),)* }
                }
                fn blend(from: &Self, to: &Self, way: ::tickwire_protocol::Way) -> Self {
                    #(if from.#marks != to.#marks {
                        return if way.share < 1.0 { from.clone() } else { to.clone() };
                    })*
                    Self { #(#names: #blends,)* }
                }
                fn extrapolate(&self, seconds: f32) -> Self {
                    let mut value = self.clone();
                    #(#extrapolates)*
                    value
                }
                fn displace(&self, from: &Self, to: &Self, k: f32) -> Self {
                    #(if from.#marks != to.#marks || self.#marks != to.#marks {
                        return self.clone();
                    })*
                    Self { #(#names: Kinds::#consts.displace(&self.#names, &from.#names, &to.#names, k),)* }
                }
                fn retain_references(&mut self, exists: &dyn Fn(::tickwire_protocol::NetId) -> bool) {
                    #(Kinds::#consts.retain_references(&mut self.#names, exists);)*
                }
            }
        };
    })
}

/// How a struct's fields go from one snapshot to the next.
struct Motion<'a> {
    /// For each field, the value on the way.
    blends: Vec<TokenStream>,
    /// For each field, the statement that extrapolates it.
    extrapolates: Vec<TokenStream>,
    /// The fields across whose changes nothing blends.
    marks: Vec<&'a Ident>,
}

impl<'a> Motion<'a> {
    fn of(names: &'a [Ident], consts: &[Ident], settings: &[Settings]) -> Result<Self> {
        let mut motion = Self {
            blends: Vec::new(),
            extrapolates: Vec::new(),
            marks: Vec::new(),
        };
        for ((name, kind), settings) in names.iter().zip(consts).zip(settings) {
            let (blend, velocity) = match settings.velocity()? {
                Some(velocity) if names.contains(velocity) => (
                    quote!(Kinds::#kind.hermite(&from.#name, &to.#name, (&from.#velocity, &to.#velocity), way)),
                    quote!(Some(&self.#velocity)),
                ),
                Some(velocity) => {
                    return Err(Error::new_spanned(
                        velocity,
                        format!("there is no field `{velocity}` to take the velocity from"),
                    ));
                }
                None => (
                    quote!(Kinds::#kind.blend(&from.#name, &to.#name, way)),
                    quote!(None),
                ),
            };
            motion.blends.push(blend);
            motion
                .extrapolates
                .push(quote!(Kinds::#kind.extrapolate(&mut value.#name, #velocity, seconds);));
            motion.marks.extend(settings.teleport.then_some(name));
        }
        Ok(motion)
    }
}

fn expand_enum(name: &Ident, data: &DataEnum) -> Result<TokenStream> {
    let name_text = name.unraw().to_string();
    for variant in &data.variants {
        no_settings(&variant.attrs, "the field that has this enum's type")?;
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(
                variant,
                "a variant with fields cannot travel: rows are fixed columns; use a struct beside the enum",
            ));
        }
    }
    let variants: Vec<_> = data.variants.iter().map(|v| &v.ident).collect();
    let Some((last, others)) = variants.split_last() else {
        return Err(Error::new_spanned(
            name,
            "an enum without variants has no value to send",
        ));
    };
    let numbers = 0..u32::try_from(others.len()).unwrap_or(u32::MAX);
    let other_numbers = numbers.clone();
    let max = numbers.end;
    let labels = variants.iter().map(|variant| variant.unraw().to_string());
    Ok(quote! {
        #[automatically_derived]
        impl ::tickwire_protocol::Wire for #name {
            const NAME: &'static str = #name_text;
            const WORDS: usize = 1;
            fn describe(columns: &mut ::tickwire_protocol::Columns) {
                columns.push(::tickwire_protocol::Column::new(
                    "variant",
                    ::tickwire_protocol::ColumnKind::Enum { variants: &[#(#labels),*] },
                    #max,
                ));
            }
            fn store(&self, out: &mut ::tickwire_protocol::WordWriter<'_>) {
                out.put(match self { #(Self::#others => #numbers,)* Self::#last => #max });
            }
            fn load(words: &mut ::tickwire_protocol::WordReader<'_>) -> Self {
                match words.take() { #(#other_numbers => Self::#others,)* _ => Self::#last }
            }
            fn blend(from: &Self, to: &Self, way: ::tickwire_protocol::Way) -> Self {
                if way.share < 1.0 { from.clone() } else { to.clone() }
            }
            fn displace(&self, _: &Self, _: &Self, _: f32) -> Self {
                self.clone()
            }
        }
    })
}
