use super::*;
use crate::operation::{Protocol, Service};
use crate::schema::Structure;

static COS: Service = Service::new("cos", "Cloud Object Storage", "", Protocol::Cos);
static NOTHING: Structure = Structure::new("Nothing", &[]);

const fn operation() -> Operation {
    Operation::new(&COS, "Do", "PUT", "/", "localhost", &NOTHING, &NOTHING)
}

static PLAIN: Operation = operation();
static UPLOAD: Operation = operation().request_body(BodyFormat::Raw);
static DOWNLOAD: Operation = operation().response_body(BodyFormat::Raw);
static COPY: Operation = operation().quiet(true);

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_usual_limits_depend_on_the_operation() {
    let usual = |operation| Timeouts::new().of_call(Timeouts::new(), operation);
    let plain = Clocks {
        connect: Some(seconds(10)),
        attempt: Some(seconds(30)),
        stall: Some(seconds(20)),
        total: Some(seconds(60)),
    };
    assert_eq!(usual(&PLAIN), plain);
    let raw = Clocks {
        total: None,
        ..plain
    };
    assert_eq!(usual(&UPLOAD), raw);
    assert_eq!(usual(&DOWNLOAD), raw);
    let quiet = Clocks {
        attempt: None,
        total: Some(seconds(600)),
        ..plain
    };
    assert_eq!(usual(&COPY), quiet);
}

#[test]
fn a_call_goes_before_its_configuration() {
    let config = Timeouts::new()
        .connect(seconds(1))
        .attempt(seconds(2))
        .stall(None)
        .total(seconds(4));
    let call = Timeouts::new().connect(None).stall(seconds(5));
    let clocks = call.of_call(config, &UPLOAD);
    let expected = Clocks {
        connect: None,
        attempt: Some(seconds(2)),
        stall: Some(seconds(5)),
        total: Some(seconds(4)),
    };
    assert_eq!(clocks, expected);
}

#[test]
fn a_quiet_operation_is_exempt_from_the_attempt_clock_of_its_configuration_alone() {
    let five = Timeouts::new().attempt(seconds(5));
    assert_eq!(Timeouts::new().of_call(five, &COPY).attempt, None);
    assert_eq!(
        five.of_call(Timeouts::new(), &COPY).attempt,
        Some(seconds(5))
    );
}
