//! How a plan is carried out.

use crate::batch::event::OnEvent;
use crate::control::Control;
use crate::settings::{CustomerKey, Settings};

#[derive(Clone, Default)]
pub(super) struct Setup {
    pub(super) settings: Settings,
    pub(super) key: Option<CustomerKey>,
    pub(super) keeps_time: bool,
    /// Whether the source of what was transferred is deleted afterwards.
    pub(super) removes_sources: bool,
    /// Whether nothing is deleted once anything has failed.
    pub(super) deletes_cautiously: bool,
    pub(super) control: Option<Control>,
    pub(super) observer: Option<OnEvent>,
}
