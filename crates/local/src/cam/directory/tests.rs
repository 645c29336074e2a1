use tcloud_core::credentials::Credentials;

use super::super::account::{Account, Role, User};
use super::super::caller::{Caller, Kind, Session};
use super::super::condition::NoFacts;
use super::super::policy::{Decision, Policy};
use super::super::resource::Resource;
use super::{Directory, Standing};

const OWNER: &str = "100000000001";
const READER: &str = "100000000002";

fn policy(effect: &str, action: &str) -> Policy {
    let statement = format!(
        r#"{{"version":"2.0","statement":{{"effect":"{effect}","action":"{action}","resource":"*"}}}}"#
    );
    statement.parse().unwrap()
}

/// Whoever is one of `principals` may become it.
fn trust(principals: &str) -> Policy {
    let statement = format!(
        r#"{{"version":"2.0","statement":{{"effect":"allow","action":"name/sts:*","principal":{principals}}}}}"#
    );
    statement.parse().unwrap()
}

fn account() -> Account {
    let reader = User::new(READER, "reader")
        .key(Credentials::new("AKIDreader", "r"))
        .policy(policy("allow", "cos:Get*"));
    let uploader = Role::new(
        "uploader",
        trust(r#"{"qcs":"qcs::cam::uin/100000000001:root"}"#),
    )
    .policy(policy("allow", "cos:*"));
    Account::default().user(reader).role(uploader)
}

fn directory() -> Directory {
    Directory::new(account(), [7; 32]).unwrap()
}

fn session(kind: Kind, issuer: &str, policy: Option<Policy>) -> Session {
    Session {
        kind,
        issuer: issuer.into(),
        ends: 1000,
        policy,
    }
}

fn role_session(directory: &Directory, policy: Option<Policy>) -> Session {
    let id = directory.role_called("uploader").unwrap().id();
    session(
        Kind::Role {
            id,
            name: "build".into(),
        },
        OWNER,
        policy,
    )
}

fn decided(directory: &Directory, caller: &Caller, action: &str) -> Decision {
    let resource = Resource {
        service: "cos".into(),
        region: "ap-guangzhou".into(),
        accounts: directory.account_names(),
        names: vec!["album-1250000000/cat.png".into()],
    };
    directory.decide(caller, action, &resource, &NoFacts)
}

#[test]
fn keys_tell_whose_they_are() {
    let directory = directory();
    let caller = |id: &str, token| directory.key(id, token).map(|key| key.caller);
    assert!(matches!(caller("AKIDlocalcloud", None), Some(Caller::Root)));
    assert!(matches!(
        caller("AKIDlocalcloud", Some("x")),
        Some(Caller::Root)
    ));
    assert!(matches!(caller("AKIDreader", None), Some(Caller::User(uin)) if uin == READER));
    assert!(caller("AKIDstranger", None).is_none());
    let key = directory.issue(&role_session(&directory, None)).unwrap();
    let token = key.token();
    assert!(matches!(
        caller(key.secret_id(), token),
        Some(Caller::Session(_))
    ));
    assert!(caller(key.secret_id(), None).is_none());
    assert!(caller("AKIDstranger", token).is_none());
}

#[test]
fn everyone_has_their_own_rights() {
    let directory = directory();
    let reader = Caller::User(READER.into());
    for (caller, action, allowed) in [
        (Caller::Root, "cos:PutObject", true),
        (Caller::Anonymous, "cos:GetObject", false),
        (reader.clone(), "cos:GetObject", true),
        (reader, "cos:PutObject", false),
        (Caller::User("100000000009".into()), "cos:GetObject", false),
    ] {
        let decision = decided(&directory, &caller, action);
        assert_eq!(
            decision == Decision::Allowed,
            allowed,
            "{caller:?} {action}"
        );
    }
}

#[test]
fn a_session_may_what_both_bounds_allow() {
    let directory = directory();
    let federated = || Kind::Federated {
        name: "guest".into(),
    };
    let reads = || Some(policy("allow", "cos:GetObject"));
    let everything = || Some(Policy::administrator());
    for (session, action, allowed) in [
        (role_session(&directory, None), "cos:PutObject", true),
        (role_session(&directory, None), "ci:CreateMediaJobs", false),
        (role_session(&directory, reads()), "cos:GetObject", true),
        (role_session(&directory, reads()), "cos:PutObject", false),
        (
            role_session(&directory, everything()),
            "ci:CreateMediaJobs",
            false,
        ),
        (session(federated(), OWNER, reads()), "cos:GetObject", true),
        (session(federated(), OWNER, reads()), "cos:PutObject", false),
        (
            session(federated(), READER, everything()),
            "cos:GetObject",
            true,
        ),
        (
            session(federated(), READER, everything()),
            "cos:PutObject",
            false,
        ),
        (session(Kind::Proven, READER, None), "cos:GetObject", true),
        (session(Kind::Proven, READER, None), "cos:PutObject", false),
        (session(Kind::Proven, OWNER, None), "cos:PutObject", true),
    ] {
        let caller = Caller::Session(session);
        let decision = decided(&directory, &caller, action);
        assert_eq!(
            decision == Decision::Allowed,
            allowed,
            "{caller:?} {action}"
        );
    }
    // A denial of either is one.
    let bound = role_session(&directory, Some(policy("deny", "cos:GetObject")));
    let denied = decided(&directory, &Caller::Session(bound), "cos:GetObject");
    assert!(matches!(denied, Decision::Denied(_)), "{denied:?}");
}

#[test]
fn a_session_ends_with_its_time_its_role_and_its_user() {
    let directory = directory();
    let standing = |directory: &Directory, session: Session, now| {
        directory.standing(&Caller::Session(session), now)
    };
    let role = role_session(&directory, None);
    let user = session(Kind::Proven, READER, None);
    let federated = Kind::Federated {
        name: "guest".into(),
    };
    assert_eq!(standing(&directory, role.clone(), 999), Standing::Good);
    assert_eq!(standing(&directory, role.clone(), 1000), Standing::Ended);
    assert_eq!(standing(&directory, user.clone(), 999), Standing::Good);
    assert_eq!(directory.standing(&Caller::Root, i64::MAX), Standing::Good);

    let empty = Directory::new(Account::default(), [7; 32]).unwrap();
    assert_eq!(standing(&empty, role, 999), Standing::Gone);
    assert_eq!(standing(&empty, user, 999), Standing::Gone);
    let of_root = session(federated, OWNER, None);
    assert_eq!(standing(&empty, of_root, 999), Standing::Good);
}

#[test]
fn a_role_is_trusting_of_those_it_names() {
    let directory = directory();
    let guest = Kind::Federated {
        name: "guest".into(),
    };
    let callers = [
        ("root", Caller::Root),
        ("user", Caller::User(READER.into())),
        ("role", Caller::Session(role_session(&directory, None))),
        ("guest", Caller::Session(session(guest, READER, None))),
        ("nobody", Caller::Anonymous),
    ];
    let id = directory.role_called("uploader").unwrap().id();
    for (principals, trusted) in [
        (
            r#"{"qcs":"qcs::cam::uin/100000000001:root"}"#.to_owned(),
            "root user role guest",
        ),
        (
            r#"{"qcs":"qcs::cam::uin/100000000001:uin/100000000001"}"#.to_owned(),
            "root",
        ),
        (
            r#"{"qcs":"qcs::cam::uin/100000000001:uin/100000000002"}"#.to_owned(),
            "user guest",
        ),
        (
            r#"{"qcs":"qcs::cam::uin/100000000001:roleName/uploader"}"#.to_owned(),
            "role",
        ),
        (
            format!(r#"{{"qcs":"qcs::cam::uin/100000000001:role/{id}"}}"#),
            "role",
        ),
        (
            r#"{"qcs":"qcs::cam::uin/100000000007:root"}"#.to_owned(),
            "",
        ),
        (r#"{"service":"cvm.qcloud.com"}"#.to_owned(), ""),
    ] {
        let role = Role::new("other", trust(&principals));
        for (name, caller) in &callers {
            let decision = directory.trusts(&role, caller, &NoFacts);
            let expected = trusted.split(' ').any(|it| it == *name);
            assert_eq!(
                decision == Decision::Allowed,
                expected,
                "{principals} {name}"
            );
        }
    }
}

#[test]
fn an_account_that_contradicts_itself_is_refused() {
    let user = |uin: &str, key: &str| User::new(uin, "u").key(Credentials::new(key, "k"));
    let role = |name: &str| Role::new(name, trust(r#"{"service":"cvm.qcloud.com"}"#));
    let base = Account::default;
    let mut lettered = base();
    lettered.app_id = "example".into();
    for (account, named) in [
        (lettered, "example"),
        (base().user(user("x1", "a")), "x1"),
        (base().user(user("7", "a")).user(user("7", "b")), "UIN 7"),
        (base().user(user(OWNER, "a")), OWNER),
        (base().user(user("7", "AKIDlocalcloud")), "AKIDlocalcloud"),
        (base().role(role("r")).role(role("r")), "role r"),
        (
            base()
                .role(role("a").with_id("1"))
                .role(role("b").with_id("1")),
            "number 1",
        ),
        (
            base().role(Role::new("r", Policy::administrator())),
            "role r",
        ),
        (base().instance_role("r"), "role r"),
        (account().instance_role("uploader"), "cvm.qcloud.com"),
    ] {
        let error = Directory::new(account, [7; 32]).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    let fine = base().role(role("r")).instance_role("r");
    assert!(Directory::new(fine, [7; 32]).is_ok());
}
