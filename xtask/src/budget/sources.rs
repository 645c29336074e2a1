//! How much source is generated.

use std::error::Error;

use tcloud_codegen::model::Service;

use super::figure::{Figure, Subject};
use super::measured::SERVICE;
use super::report::Report;
use crate::files;

/// Source of one service or of several.
#[derive(Debug, Default)]
struct Amount {
    bytes: u64,
    operations: u64,
    members: u64,
}

/// Measures the generated folders of `services`.
pub(crate) fn measure(report: &mut Report, services: &[Service]) -> Result<(), Box<dyn Error>> {
    let mut all = Amount::default();
    for service in services {
        let amount = amount(service)?;
        if service.name == SERVICE {
            amount.report(report, Figure::BytesPerOperation, Figure::BytesPerMember);
        }
        all.bytes += amount.bytes;
        all.operations += amount.operations;
        all.members += amount.members;
    }
    all.report(
        report,
        Figure::AllBytesPerOperation,
        Figure::AllBytesPerMember,
    );
    Ok(())
}

fn amount(service: &Service) -> Result<Amount, Box<dyn Error>> {
    let folder = files::workspace().join("crates").join(&service.name);
    let texts = files::read(&folder.join("src/generated"), "rs")?;
    let shared = service.families.values().flat_map(|it| &it.structures);
    let own = service.operations.iter().flat_map(|it| {
        [&it.request, &it.response]
            .into_iter()
            .chain(&it.structures)
    });
    let members: usize = shared.chain(own).map(|it| it.fields.len()).sum();
    let bytes: usize = texts.values().map(String::len).sum();
    Ok(Amount {
        bytes: u64::try_from(bytes)?,
        operations: u64::try_from(service.operations.len())?,
        members: u64::try_from(members)?,
    })
}

impl Amount {
    fn report(&self, report: &mut Report, operation: Figure, member: Figure) {
        for (figure, count) in [(operation, self.operations), (member, self.members)] {
            let each = self.bytes / count.max(1);
            report.set(figure, Subject::Tcloud, figure.unit().of(each));
        }
    }
}
