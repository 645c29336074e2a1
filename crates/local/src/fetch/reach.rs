//! How far away an address is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far away an address is, from the most to the least admissible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// A public address.
    Public,
    /// This machine or a network of its owner.
    Private,
    /// Never allowed: where clouds keep the credentials of their machines, the local link, and
    /// what is no single machine.
    Never,
}

/// Metadata services outside of the link-local network.
const METADATA_V4: [Ipv4Addr; 2] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
];
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

impl Reach {
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    if METADATA_V4.contains(&address) {
        return Reach::Never;
    }
    match address.octets() {
        // This network, which most systems take for this machine, and multicast and beyond; the
        // local link; reserved for protocols, documents and the former relays of 6to4.
        [0 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Reach::Never,
        // Private, loopback, shared by a carrier's customers, benchmarks.
        [10 | 127, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        | [100, 64..=127, ..]
        | [198, 18 | 19, ..] => Reach::Private,
        _ => Reach::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    if address.is_loopback() {
        return Reach::Private;
    }
    if METADATA_V6.contains(&address) {
        return Reach::Never;
    }
    if let Some(embedded) = embedded_v4(address) {
        return of_v4(embedded);
    }
    match address.segments() {
        // Unique local, the site-local of old.
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Reach::Private,
        // Teredo, which hides another address, and documents.
        [0x2001, 0 | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Reach::Never,
        [0x2000..=0x3fff, ..] => Reach::Public,
        // Among the rest is translation within a network, which may lead anywhere.
        _ => Reach::Never,
    }
}

/// The address that the other side of a mapping, a translator or a tunnel turns this one into.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match address.segments() {
        // Mapped; compatible; translated by the well-known prefix.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            (high, low)
        }
        // 6to4.
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::Reach::{self, Never, Private, Public};

    #[track_caller]
    fn assert_all(expected: Reach, addresses: &[&str]) {
        for address in addresses {
            let reach = Reach::of(address.parse().unwrap());
            assert_eq!(reach, expected, "{address}");
        }
    }

    #[test]
    fn link_local_and_metadata_addresses_are_never_reached() {
        assert_all(
            Never,
            &[
                "168.63.129.16",
                "64:ff9b:1::a",
                "169.254.0.0",
                "169.254.0.23",
                "169.254.169.254",
                "169.254.255.255",
                "100.100.100.200",
                "fe80::",
                "fe80::a9fe:a9fe",
                "febf:ffff::1",
                "fd00:ec2::254",
                "fd20:ce::254",
            ],
        );
    }

    #[test]
    fn addresses_of_no_single_machine_are_never_reached() {
        assert_all(
            Never,
            &[
                "0.0.0.0",
                "0.255.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "ff02::1",
                "100::1",
                "2001:db8::1",
                "3fff::1",
                "4000::1",
                "fe00::1",
            ],
        );
    }

    #[test]
    fn private_networks_are_told_from_their_neighbours() {
        assert_all(
            Private,
            &[
                "10.0.0.0",
                "10.255.255.255",
                "127.0.0.1",
                "127.255.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "192.168.0.0",
                "192.168.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "::1",
                "fc00::",
                "fd12:3456::1",
                "fdff:ffff::1",
                "fec0::1",
            ],
        );
        assert_all(
            Public,
            &[
                "1.0.0.0",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2000::",
                "2001:4860:4860::8888",
                "2606:4700::1111",
            ],
        );
    }

    #[test]
    fn an_address_inside_another_one_decides() {
        for (v4, expected) in [
            ("169.254.169.254", Never),
            ("0.0.0.0", Never),
            ("127.0.0.1", Private),
            ("10.1.2.3", Private),
            ("8.8.8.8", Public),
        ] {
            let [a, b, c, d] = v4.parse::<std::net::Ipv4Addr>().unwrap().octets();
            let hex = format!("{a:02x}{b:02x}:{c:02x}{d:02x}");
            assert_all(
                expected,
                &[
                    &format!("::ffff:{v4}"),
                    &format!("64:ff9b::{v4}"),
                    &format!("2002:{hex}::1"),
                ],
            );
        }
        assert_all(Private, &["::127.0.0.1", "::10.0.0.1"]);
        assert_all(
            Never,
            &["::169.254.169.254", "2001::1", "2001:0:53aa:64c::1"],
        );
    }
}
