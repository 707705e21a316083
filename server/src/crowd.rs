//! How many connections there may be, altogether and from one address.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts the connections.
#[derive(Debug)]
pub(crate) struct Crowd {
    most: usize,
    most_per_ip: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_origin: BTreeMap<IpAddr, usize>,
}

/// A connection's place; dropping it leaves the place to another.
#[derive(Debug)]
pub(crate) struct Place {
    crowd: Arc<Crowd>,
    origin: IpAddr,
}

/// Why there is no place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    FullForAddress,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "too many connections (--max-connections)",
            Self::FullForAddress => {
                "too many connections from this address (--max-connections-per-ip)"
            }
        })
    }
}

impl Crowd {
    pub(crate) fn new(most: usize, most_per_ip: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_per_ip,
            counts: Mutex::default(),
        })
    }

    /// Gives a place to a connection from `address`.
    ///
    /// From this machine itself there may be any number, because a reverse proxy's connections all come from there.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Place, Refusal> {
        let origin = origin(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= self.most {
            return Err(Refusal::Full);
        }
        let here = counts.by_origin.get(&origin).copied().unwrap_or(0);
        if here >= self.most_per_ip && !origin.is_loopback() {
            return Err(Refusal::FullForAddress);
        }
        counts.all += 1;
        counts.by_origin.insert(origin, here + 1);
        drop(counts);
        Ok(Place {
            crowd: Arc::clone(self),
            origin,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self
            .crowd
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        if let Some(here) = counts.by_origin.get_mut(&self.origin) {
            *here -= 1;
            if *here == 0 {
                counts.by_origin.remove(&self.origin);
            }
        }
    }
}

/// What counts as one address: of IPv6 the upper half, because anyone has the lower one to choose from.
fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))
        }
        canonical => canonical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_limited_and_come_back() {
        let crowd = Crowd::new(3, 2);
        let first = crowd.admit(ip("192.0.2.1")).unwrap();
        let _second = crowd.admit(ip("::ffff:192.0.2.1")).unwrap();
        assert_eq!(
            crowd.admit(ip("192.0.2.1")).unwrap_err(),
            Refusal::FullForAddress
        );
        let _third = crowd.admit(ip("192.0.2.2")).unwrap();
        assert_eq!(crowd.admit(ip("192.0.2.3")).unwrap_err(), Refusal::Full);
        drop(first);
        assert!(crowd.admit(ip("192.0.2.1")).is_ok());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let crowd = Crowd::new(9, 1);
        let _place = crowd.admit(ip("2001:db8::1")).unwrap();
        assert!(crowd.admit(ip("2001:db8::2")).is_err());
        assert!(crowd.admit(ip("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn this_machine_may_have_any_number() {
        let crowd = Crowd::new(9, 1);
        let _places: Vec<_> = ["127.0.0.1", "127.0.0.1", "::1", "::1"]
            .map(|text| crowd.admit(ip(text)).unwrap())
            .into();
    }
}
