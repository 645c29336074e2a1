//! The pages of the guide.

use tcloud_guide::{BUCKET, pages};

use super::{page, shell};

#[test]
fn what_is_printed_for_a_shell_runs_so() {
    let mut all = pages::of_guide();
    all.push("crates/cli/README.md".to_owned());
    let mut commands = 0;
    let mut wrong = Vec::new();
    for path in &all {
        let (of_page, wrong_there) = shell::run(path, &page(path).blocks, Some(BUCKET));
        commands += of_page;
        wrong.extend(wrong_there);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(commands >= 20, "{commands} commands");
}
