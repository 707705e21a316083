//! Points and directions of the plane.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// A point, a direction or a velocity: metres, or metres per second. `x` grows to the right, `y` downwards, as on the map.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Vec2 {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

impl Vec2 {
    /// No way at all.
    pub const ZERO: Self = Self::new(0.0, 0.0);

    /// From its parts.
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// The direction of `angle` radians, of length 1; 0 is to the right, and angles grow clockwise on the screen.
    ///
    /// By `libm`, because `std`'s `sin` has other bits in the browser than on the server.
    #[must_use]
    pub fn from_angle(angle: f32) -> Self {
        let (sin, cos) = libm::sincosf(angle);
        Self::new(cos, sin)
    }

    /// The angle of this direction in radians, −π to π; 0 when there is no direction.
    #[must_use]
    pub fn angle(self) -> f32 {
        libm::atan2f(self.y, self.x)
    }

    /// The scalar product.
    #[must_use]
    pub const fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// The length, squared: cheaper than [`Self::length`] and as good for comparing.
    #[must_use]
    pub const fn length_squared(self) -> f32 {
        self.dot(self)
    }

    /// The length.
    #[must_use]
    pub fn length(self) -> f32 {
        self.length_squared().sqrt()
    }

    /// The distance to `other`.
    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (other - self).length()
    }

    /// The same direction with length 1; nothing stays nothing.
    #[must_use]
    pub fn normalised(self) -> Self {
        let length = self.length();
        if length > 0.0 {
            self * (1.0 / length)
        } else {
            Self::ZERO
        }
    }

    /// Shortened to `limit` if it is longer.
    #[must_use]
    pub fn capped(self, limit: f32) -> Self {
        let length = self.length();
        if length > limit {
            self * (limit / length)
        } else {
            self
        }
    }

    /// Turned by a quarter, clockwise on the screen.
    #[must_use]
    pub const fn turned(self) -> Self {
        Self::new(-self.y, self.x)
    }

    /// How far from here along `direction` (length 1) a ray enters the circle of `radius` around `centre`; 0 from inside.
    #[must_use]
    pub fn ray_to_circle(self, direction: Self, centre: Self, radius: f32) -> Option<f32> {
        let to_centre = centre - self;
        let beyond = to_centre.length_squared() - radius * radius;
        if beyond <= 0.0 {
            return Some(0.0);
        }
        let along = to_centre.dot(direction);
        let under_root = along * along - beyond;
        (along > 0.0 && under_root >= 0.0).then(|| along - under_root.sqrt())
    }
}

impl Add for Vec2 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl AddAssign for Vec2 {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Vec2 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f32> for Vec2 {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }
}

impl Neg for Vec2 {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_and_directions_are_each_others_inverse() {
        for step in -31..=31 {
            let angle = step as f32 / 10.0;
            assert!((Vec2::from_angle(angle).angle() - angle).abs() < 1e-6);
        }
        assert_eq!(Vec2::from_angle(0.0), Vec2::new(1.0, 0.0));
        assert_eq!(Vec2::new(1.0, 0.0).turned(), Vec2::new(0.0, 1.0));
    }

    #[test]
    fn caps_only_what_is_too_long() {
        assert_eq!(Vec2::new(3.0, 4.0).capped(5.0), Vec2::new(3.0, 4.0));
        assert_eq!(Vec2::new(6.0, 8.0).capped(5.0), Vec2::new(3.0, 4.0));
        assert_eq!(Vec2::ZERO.capped(0.0), Vec2::ZERO);
        assert_eq!(Vec2::ZERO.normalised(), Vec2::ZERO);
    }

    #[test]
    fn a_ray_meets_a_circle_in_front_of_it_only() {
        let right = Vec2::new(1.0, 0.0);
        let hit = |x, y| Vec2::ZERO.ray_to_circle(right, Vec2::new(x, y), 0.5);
        assert_eq!(hit(10.0, 0.0), Some(9.5));
        assert_eq!(hit(10.0, 0.5), Some(10.0), "a graze counts");
        assert_eq!(hit(10.0, 0.51), None);
        assert_eq!(hit(-10.0, 0.0), None, "behind");
        assert_eq!(hit(0.3, 0.0), Some(0.0), "from inside");
    }
}
