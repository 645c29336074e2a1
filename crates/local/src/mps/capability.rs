//! Finds what a request asks for beyond what is built.
//!
//! The tables themselves are walked, so a node added to them is refused until it is built.

use tcloud_core::node::{Node, Ref, RefVisitor};
use tcloud_core::server::Fault;
use tcloud_mps::operation::process_image::ProcessImageRequest;

use super::fault::unsupported;

/// The nodes that are built, with all they hold. `ResourceId` says who pays, and here nobody does.
const BUILT: &[&str] = &[
    "InputInfo",
    "OutputStorage",
    "OutputDir",
    "OutputPath",
    "ResourceId",
    "ImageTask.EncodeConfig",
    "ImageTask.EnhanceConfig.ColorEnhance",
    "ImageTask.EnhanceConfig.LowLightEnhance",
    "ImageTask.EnhanceConfig.SharpEnhance",
    "ImageTask.EnhanceConfig.SuperResolution",
    #[cfg(feature = "networks")]
    "ImageTask.EnhanceConfig.AdvancedSuperResolutionConfig",
    #[cfg(feature = "networks")]
    "ImageTask.EnhanceConfig.Denoise",
    #[cfg(feature = "networks")]
    "ImageTask.EnhanceConfig.ImageQualityEnhance",
    "ImageTask.EraseConfig.ImageEraseLogo",
    "ImageTask.TransformConfig.ImageResize",
];

/// Refuses a request that asks for something that is not built.
pub(super) fn check(request: &ProcessImageRequest) -> Result<(), Fault> {
    match unbuilt(request, "") {
        None => Ok(()),
        Some(node) => Err(unsupported(
            &node,
            "leave it out or switch it off. It converts between JPEG, PNG, WebP and BMP, resizes, \
             erases given areas, and of ImageTask.EnhanceConfig improves light, colours and \
             sharpness and, by networks, enlarges and takes out noise",
        )),
    }
}

/// The first node below `path` that asks for something not built.
fn unbuilt(node: &dyn Node, path: &str) -> Option<String> {
    let mut found = None;
    let fields = node.structure().fields();
    node.refs(RefVisitor::new(&mut |refs| {
        found = fields
            .iter()
            .zip(refs)
            .filter(|(_, value)| !value.is_absent())
            .find_map(|(field, value)| {
                let here = join(path, field.name);
                if BUILT.contains(&here.as_str()) {
                    return None;
                }
                match value {
                    Ref::Node(Some(child)) if leads_to_built(&here) => unbuilt(*child, &here),
                    other => asking(*other, here),
                }
            });
    }));
    found
}

/// The first node at or below `path` that asks for anything at all.
fn asking(value: Ref<'_>, path: String) -> Option<String> {
    match value {
        Ref::Node(node) => node.and_then(|node| asking_node(node, path)),
        Ref::Nodes(list) => (0..list.count()).find_map(|index| {
            list.item(index)
                .and_then(|node| asking_node(node, format!("{path}[{index}]")))
        }),
        _ => Some(path),
    }
}

/// A structure asks if it is switched on, which it is by default, or says anything itself; one
/// that only holds others asks if one of them does.
fn asking_node(node: &dyn Node, path: String) -> Option<String> {
    let fields = node.structure().fields();
    let mut off = false;
    let mut speaks = fields.iter().any(|field| field.name == "Switch");
    let mut below = None;
    node.refs(RefVisitor::new(&mut |refs| {
        for (field, value) in fields.iter().zip(refs) {
            match value {
                Ref::Text(Some(word)) if field.name == "Switch" => {
                    off = word.eq_ignore_ascii_case("OFF");
                }
                absent if absent.is_absent() => {}
                Ref::Node(_) | Ref::Nodes(_) => {
                    below = below
                        .take()
                        .or_else(|| asking(*value, join(&path, field.name)));
                }
                _ => speaks = true,
            }
        }
    }));
    if off {
        None
    } else if speaks {
        Some(path)
    } else {
        below
    }
}

fn leads_to_built(path: &str) -> bool {
    BUILT.iter().any(|built| {
        built
            .strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
