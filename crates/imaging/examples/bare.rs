//! A bare program over the library, to be measured beside others (`tests/benches/vips.py`):
//!
//! `bare IN OUT [--quality N] [--width PIXELS] [--cut WxH+LEFT+TOP] [--text TEXT]`
//!
//! The ending of `OUT` says in which format the result is written.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use tcloud_imaging::{Cut, Format, Limits, Mode, Operation, Pipeline, Quality, Resize};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut argument = || arguments.next().ok_or("an argument is missing");
    let (from, to) = (argument()?, argument()?);
    let ending = Path::new(&to)
        .extension()
        .and_then(|ending| ending.to_str());
    let format = ending.and_then(Format::from_name).ok_or("no format")?;
    let mut pipeline = Pipeline::new(Limits::default(), []).then(format);
    while let Ok(option) = argument() {
        let value = argument()?;
        pipeline = match option.as_str() {
            "--quality" => pipeline.then(Quality::new(value.parse()?)?),
            "--width" => pipeline.then(Resize::to_box(Mode::Contain, Some(value.parse()?), None)?),
            "--cut" => {
                let parts = value.split(['x', '+']).map(str::parse);
                let parts = parts.collect::<Result<Vec<u32>, _>>()?;
                let &[width, height, left, top] = parts.as_slice() else {
                    return Err("a part is WxH+LEFT+TOP".into());
                };
                pipeline.then(Operation::Cut(Cut::new(width, height, left, top)?))
            }
            #[cfg(feature = "text")]
            "--text" => {
                use tcloud_imaging::{Overlay, Text};
                let text = Text::new(&value)?.size_in_pixels(96)?;
                pipeline.then(Operation::Overlay(Overlay::text(text)))
            }
            _ => return Err(format!("{option} is not known").into()),
        };
    }
    fs::write(to, pipeline.run(&fs::read(from)?)?.bytes)?;
    Ok(())
}
