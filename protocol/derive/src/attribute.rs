//! What `#[wire(…)]` says.

use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Field, Ident, Result, Token};

/// The settings of one field. Each may be given once.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) min: Option<Expr>,
    pub(crate) max: Option<Expr>,
    pub(crate) step: Option<Expr>,
    pub(crate) angle: Option<Expr>,
    pub(crate) rotation: Option<Expr>,
    pub(crate) lerp: bool,
    pub(crate) edge: bool,
}

impl Settings {
    pub(crate) fn of(field: &Field) -> Result<Self> {
        let mut settings = Self::default();
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("wire")) {
            attribute.parse_args_with(|input: ParseStream<'_>| settings.read(input))?;
        }
        Ok(settings)
    }

    fn read(&mut self, input: ParseStream<'_>) -> Result<()> {
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            let place = match name.to_string().as_str() {
                "lerp" => {
                    self.lerp = true;
                    None
                }
                "edge" => {
                    self.edge = true;
                    None
                }
                "min" => Some(&mut self.min),
                "max" => Some(&mut self.max),
                "step" => Some(&mut self.step),
                "angle" => Some(&mut self.angle),
                "rotation" => Some(&mut self.rotation),
                other => {
                    return Err(Error::new(
                        name.span(),
                        format!(
                            "unknown setting `{other}`; there are min, max, step, angle, rotation, lerp, edge"
                        ),
                    ));
                }
            };
            if let Some(place) = place {
                let _: Token![=] = input.parse()?;
                if place.replace(Expr::parse(input)?).is_some() {
                    return Err(Error::new(name.span(), format!("`{name}` is given twice")));
                }
            }
            if !input.is_empty() {
                let _: Token![,] = input.parse()?;
            }
        }
        Ok(())
    }

    /// Refuses what the field's type has no use for.
    pub(crate) fn only(&self, field: &Field, allowed: &[&str], hint: &str) -> Result<()> {
        let given = [
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("step", self.step.is_some()),
            ("angle", self.angle.is_some()),
            ("rotation", self.rotation.is_some()),
            ("lerp", self.lerp),
            ("edge", self.edge),
        ];
        match given
            .iter()
            .find(|(name, given)| *given && !allowed.contains(name))
        {
            Some((name, _)) => Err(Error::new(
                field.ty.span(),
                format!("`{name}` does not apply here: {hint}"),
            )),
            None => Ok(()),
        }
    }
}
