//! What `#[wire(…)]` says.

use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Field, Ident, Result, Token};

/// Where a setting goes.
enum Place<'a> {
    Mark(&'a mut bool),
    Value(&'a mut Option<Expr>),
}

/// The settings of one field. Each may be given once.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) min: Option<Expr>,
    pub(crate) max: Option<Expr>,
    pub(crate) step: Option<Expr>,
    pub(crate) angle: Option<Expr>,
    pub(crate) rotation: Option<Expr>,
    /// The field with the velocity.
    pub(crate) hermite: Option<Expr>,
    pub(crate) lerp: bool,
    pub(crate) extrapolate: bool,
    pub(crate) teleport: bool,
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
                "lerp" => Place::Mark(&mut self.lerp),
                "extrapolate" => Place::Mark(&mut self.extrapolate),
                "teleport" => Place::Mark(&mut self.teleport),
                "hermite" => Place::Value(&mut self.hermite),
                "edge" => Place::Mark(&mut self.edge),
                "min" => Place::Value(&mut self.min),
                "max" => Place::Value(&mut self.max),
                "step" => Place::Value(&mut self.step),
                "angle" => Place::Value(&mut self.angle),
                "rotation" => Place::Value(&mut self.rotation),
                other => {
                    return Err(Error::new(
                        name.span(),
                        format!(
                            "unknown setting `{other}`; there are min, max, step, angle, rotation, lerp, hermite, extrapolate, teleport, edge"
                        ),
                    ));
                }
            };
            let twice = match place {
                Place::Mark(mark) => std::mem::replace(mark, true),
                Place::Value(value) => {
                    let _: Token![=] = input.parse()?;
                    value.replace(Expr::parse(input)?).is_some()
                }
            };
            if twice {
                return Err(Error::new(name.span(), format!("`{name}` is given twice")));
            }
            if !input.is_empty() {
                let _: Token![,] = input.parse()?;
            }
        }
        Ok(())
    }

    /// The field that `hermite` names.
    pub(crate) fn velocity(&self) -> Result<Option<&Ident>> {
        let Some(expr) = &self.hermite else {
            return Ok(None);
        };
        match expr {
            Expr::Path(path) if path.path.get_ident().is_some() => Ok(path.path.get_ident()),
            other => Err(Error::new_spanned(
                other,
                "`hermite` takes the name of the field with the velocity: `hermite = vx`",
            )),
        }
    }

    /// Refuses what the field's type has no use for.
    pub(crate) fn only(&self, field: &Field, allowed: &[&str], hint: &str) -> Result<()> {
        let given = [
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("step", self.step.is_some()),
            ("angle", self.angle.is_some()),
            ("rotation", self.rotation.is_some()),
            ("hermite", self.hermite.is_some()),
            ("lerp", self.lerp),
            ("extrapolate", self.extrapolate),
            ("teleport", self.teleport),
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
