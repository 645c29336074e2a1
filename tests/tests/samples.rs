//! Every sample that a document prints decodes without drift but what is listed with its reason,
//! and encodes again to a document that says the same.

use std::collections::{BTreeMap, BTreeSet};

use tcloud_ci::Client;
use tcloud_ci::operation::create_image_inspect_job::Input;
use tcloud_ci::types::{CallbackFormat, JobState};
use tcloud_core::codec::{Document, violations};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::BodyFormat;
use tcloud_core::transport::Memory;
use tcloud_tests::Failure;
use tcloud_tests::reading::{Tree, read};
use tcloud_tests::samples::{Message, Sample, Side, of_seeds, of_specs};

/// Where the five documents depart from their own tables: operation, node, reason.
const SEED_DRIFT: [(&str, &str, &str); 2] = [
    (
        "CreatePicBucket",
        "Response.PicBucket.CreateTime",
        "a stray `>` stands behind the time",
    ),
    (
        "ProcessImage",
        "ImageTask.EncodeConfig.Format",
        "the table writes formats in capitals",
    ),
];

/// What is wrong with a sample, a line each.
fn problems(sample: &Sample, accepted: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for message in &sample.messages {
        let side = message.side;
        let (document, drift) = match message.decode(&message.text) {
            Ok(decoded) => decoded,
            Err(error) => {
                found.push(format!("{side:?}: {error}"));
                continue;
            }
        };
        for drift in drift {
            match message.excuse(accepted, &drift.path) {
                Some(path) => {
                    used.insert(path);
                }
                None => found.push(format!("{side:?}: drift: {drift}")),
            }
        }
        // A sample may hold what its table does not allow, which decoding does not look at.
        let root = match message.format() {
            BodyFormat::Xml(root) => root,
            _ => "",
        };
        let broken = violations(&document, root);
        used.extend(
            broken
                .iter()
                .filter_map(|it| message.excuse(accepted, &it.path)),
        );
        match compare(message, &document) {
            Ok((before, after)) if before != after => found.push(format!(
                "{side:?}: says something else once encoded\n{before:#?}\n{after:#?}"
            )),
            Ok(_) => {}
            Err(error) => found.push(format!("{side:?}: {error}")),
        }
    }
    let stale = accepted.keys().filter(|path| !used.contains(path.as_str()));
    found.extend(stale.map(|path| format!("no drift at {path}, though one is listed")));
    found
}

/// What the message says, and what it says once it was decoded and encoded.
fn compare(message: &Message, decoded: &Document) -> Result<(Tree, Tree), Failure> {
    let format = message.format();
    let again = message.encode(decoded)?;
    Ok((read(format, &message.text)?, read(format, &again)?))
}

fn assert_conform(samples: &[Sample], accepted: impl Fn(&Sample) -> BTreeMap<String, String>) {
    let report: Vec<_> = samples
        .iter()
        .flat_map(|sample| {
            problems(sample, &accepted(sample))
                .into_iter()
                .map(|problem| format!("{}: {problem}", sample.label))
        })
        .collect();
    assert!(report.is_empty(), "{}", report.join("\n"));
}

#[test]
fn the_samples_of_the_tables_conform_to_them() {
    let samples = of_specs().unwrap();
    let operations: BTreeSet<_> = samples
        .iter()
        .flat_map(|sample| &sample.messages)
        .map(|message| message.operation.name)
        .collect();
    for name in SEED_DRIFT.map(|(operation, ..)| operation) {
        assert!(operations.contains(name), "{name} has no sample");
    }
    assert_conform(&samples, |sample| sample.drift.clone());
}

#[test]
fn the_samples_of_the_five_documents_conform_to_the_tables() {
    let samples = of_seeds().unwrap();
    assert_eq!(samples.len(), 12, "each body of the five documents");
    assert_conform(&samples, |sample| {
        let operation = sample.label.split('.').next();
        let [message] = sample.messages.as_slice() else {
            panic!("{}: a file holds one body", sample.label);
        };
        SEED_DRIFT
            .iter()
            .filter(|(name, path, _)| {
                let of_request = !path.starts_with("Response.");
                Some(*name) == operation && of_request == (message.side == Side::Request)
            })
            .map(|(_, path, reason)| ((*path).to_owned(), (*reason).to_owned()))
            .collect()
    });
}

/// The response that a document prints, seen through the client that users have.
#[tokio::test]
async fn a_printed_response_arrives_in_its_fields() {
    let printed = include_str!("../data/seeds/CreateImageInspectJob.response.2.xml");
    let transport = Memory::answering([(200, printed)]);
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(transport.clone())
        .build()
        .unwrap();
    let reply = Client::new(&config)
        .create_image_inspect_job("test-123456789", Input::new("input/test.png"))
        .user_data("This is my data.")
        .job_level(0)
        .callback("http://callback.demo.com")
        .callback_format(CallbackFormat::Json)
        .send()
        .await
        .unwrap();

    assert!(reply.drift().is_empty(), "{:?}", reply.drift());
    let [job] = reply.jobs_detail.as_slice() else {
        panic!("one job is printed");
    };
    assert_eq!(job.code.as_deref(), Some("Success"));
    assert_eq!(job.message.as_deref(), Some(""));
    assert_eq!(
        job.job_id.as_deref(),
        Some("cda071f3af9e011ed8f900133752da9af")
    );
    assert_eq!(job.state, Some(JobState::Submitted));
    let created = job.creation_time.as_ref().unwrap();
    assert_eq!(created.to_string(), "2022-06-27T15:23:10+0800");
    assert_eq!(created.unix_seconds(), Some(1_656_314_590));
    assert_eq!(job.start_time.as_ref().unwrap().to_string(), "-");
    assert_eq!(
        job.queue_id.as_deref(),
        Some("p2242ab62c7c94486915508540933a2c6")
    );
    assert_eq!(job.tag.as_deref(), Some("ImageInspect"));
    let input = job.input.as_ref().unwrap();
    assert_eq!(input.bucket_id.as_deref(), Some("test-123456789"));
    assert_eq!(input.object.as_deref(), Some("input/test.png"));
    assert_eq!(input.region.as_deref(), Some("ap-chongqing"));
    let operation = job.operation.as_ref().unwrap();
    assert_eq!(operation.user_data.as_deref(), Some("This is my data."));
    assert_eq!(operation.job_level, Some(0));
    assert!(operation.image_inspect_result.is_none());

    let requests = transport.requests();
    let [sent] = requests.as_slice() else {
        panic!("one request is sent");
    };
    let printed = include_str!("../data/seeds/CreateImageInspectJob.request.2.xml");
    let format = BodyFormat::Xml("Request");
    let sent = std::str::from_utf8(&sent.body).unwrap();
    assert_eq!(read(format, sent).unwrap(), read(format, printed).unwrap());
}
