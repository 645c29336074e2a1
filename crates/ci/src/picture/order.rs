//! The parameters of an operation in the order in which they are written.

use super::Step;
use super::call::Entry;

impl Step {
    /// The names of the parameters that are given, in the order in which they are written, as in
    /// `thumbnail`, `rotate`. Where the service carries them out in this order, a reader of the
    /// pipeline has to as well. An unknown operation has none.
    ///
    /// ```
    /// use tcloud_ci::picture::Pipeline;
    ///
    /// # fn main() -> Result<(), tcloud_ci::picture::Error> {
    /// let pipeline: Pipeline = "imageMogr2/rotate/90/thumbnail/300x".parse()?;
    /// let names = pipeline.steps()[0].parameters();
    /// assert_eq!(names.collect::<Vec<_>>(), ["rotate", "thumbnail"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        let call = self.call().into_iter();
        call.flat_map(|call| {
            call.entries.iter().filter_map(|entry| match entry {
                Entry::Known { parameter, .. } => {
                    let known = call.operation.parameters.get(*parameter);
                    known.map(|parameter| parameter.name)
                }
                Entry::Unknown(_) => None,
            })
        })
    }

    /// How the operation begins, as in `watermark/2`; of an unknown one its name.
    pub fn head(&self) -> String {
        let unknown = || {
            let name = self.unknown_text().split('/').next();
            name.unwrap_or_default().to_owned()
        };
        self.call().map_or_else(unknown, super::write::head)
    }
}
