//! When objects move between tiers by use: a switch for the whole bucket, and rules by name.

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::delete_bucket_intelligent_tiering_configuration::{
    DeleteBucketIntelligentTieringConfigurationRequest,
    DeleteBucketIntelligentTieringConfigurationResponse,
};
use tcloud_cos::operation::get_bucket_intelligent_tiering::GetBucketIntelligentTieringRequest;
use tcloud_cos::operation::get_bucket_intelligent_tiering_configuration::{
    self, GetBucketIntelligentTieringConfigurationRequest,
};
use tcloud_cos::operation::list_bucket_intelligent_tiering_configurations::{
    ListBucketIntelligentTieringConfigurationsRequest,
    ListBucketIntelligentTieringConfigurationsResponse,
};
use tcloud_cos::operation::put_bucket_intelligent_tiering::PutBucketIntelligentTieringRequest;
use tcloud_cos::operation::put_bucket_intelligent_tiering_configuration::PutBucketIntelligentTieringConfigurationRequest;
use tcloud_cos::types::{AccessTier, RuleStatus, TieringRule};

use super::conflicts::{self, conflict, require_unlocked};
use super::kept::{self, Absent, Setting};
use super::rules::{each_once, not_both};
use crate::cos::fault::invalid;
use crate::cos::names;
use crate::state::State;
use crate::store::{Bucket, SettingName};

/// The rule for the whole bucket.
const DEFAULT: &str = "default";
/// How many rules a bucket has.
const RULES: u32 = 1000;

/// The switch.
pub(super) struct Switch;

impl Setting for Switch {
    type Put = PutBucketIntelligentTieringRequest;
    type Get = GetBucketIntelligentTieringRequest;

    const KIND: &'static str = conflicts::TIERING;
    const ABSENT: Absent = Absent::Empty;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        let transition = request.transition.as_ref();
        check_infrequent(
            transition.and_then(|it| it.days),
            transition.and_then(|it| it.request_frequent),
        )
    }

    async fn check_beside(state: &State, bucket: &Bucket, _: &Self::Put) -> Result<(), Fault> {
        require_unlocked(state, &bucket.name).await?;
        require_unset(state, bucket, Self::KIND, "").await
    }
}

/// A rule.
pub(super) struct Rule;

impl Setting for Rule {
    type Put = PutBucketIntelligentTieringConfigurationRequest;
    type Get = GetBucketIntelligentTieringConfigurationRequest;

    const KIND: &'static str = conflicts::TIERING_RULES;
    const ABSENT: Absent = Absent::Refused("IntelligentTieringConfigurationNotFoundError");
    const ID: &'static str = "id";
    const MOST: i64 = RULES as i64;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        if request.id != request.rule_id {
            return Err(invalid("Id is not the same as the parameter id"));
        }
        if let Some(filter) = &request.filter {
            let alone = filter.prefix.is_some() || !filter.tags.is_empty();
            not_both(
                ("Filter.And", filter.and.is_some()),
                ("another condition", alone),
            )?;
        }
        let tiers = request
            .tierings
            .iter()
            .filter_map(|it| it.access_tier.as_ref());
        each_once(tiers.map(AccessTier::as_str), "AccessTier")?;
        let is_default = request.id.as_deref() == Some(DEFAULT);
        for tiering in &request.tierings {
            let is_infrequent = tiering.access_tier == Some(AccessTier::Infrequent);
            if is_infrequent != is_default {
                return Err(invalid(
                    "the rule `default` is about the tier INFREQUENT, others about the archive tiers",
                ));
            }
            if is_infrequent {
                check_infrequent(tiering.days, tiering.request_frequent)?;
            } else if tiering.days.is_none_or(|days| days < 1) {
                return Err(invalid("Days must be at least 1"));
            }
        }
        Ok(())
    }

    async fn check_beside(
        state: &State,
        bucket: &Bucket,
        request: &Self::Put,
    ) -> Result<(), Fault> {
        require_unlocked(state, &bucket.name).await?;
        match request.id.as_deref() {
            Some(DEFAULT) => require_unset(state, bucket, Self::KIND, DEFAULT).await,
            _ => Ok(()),
        }
    }
}

/// When objects leave the tier for frequent use.
#[derive(Debug, Clone, Copy)]
pub(in crate::cos) struct Infrequent {
    /// After how many days without use.
    pub(in crate::cos) days: i64,
    /// Since when that is so.
    pub(in crate::cos) since: i64,
}

/// When objects of `bucket` leave the tier for frequent use, if they do.
pub(in crate::cos) async fn infrequent(
    state: &State,
    bucket: &str,
) -> Result<Option<Infrequent>, Fault> {
    if let Some((switch, since)) = kept::named::<Switch>(state, bucket, "").await? {
        let days = switch.transition.and_then(|it| it.days);
        return Ok(days.map(|days| Infrequent { days, since }));
    }
    let Some((rule, since)) = kept::named::<Rule>(state, bucket, DEFAULT).await? else {
        return Ok(None);
    };
    if rule.status != Some(RuleStatus::Enabled) {
        return Ok(None);
    }
    let days = rule.tierings.iter().find_map(|it| it.days);
    Ok(days.map(|days| Infrequent { days, since }))
}

/// Lists the rules of a bucket.
pub(super) async fn list(
    state: &State,
    _: Context,
    request: ListBucketIntelligentTieringConfigurationsRequest,
) -> Result<ListBucketIntelligentTieringConfigurationsResponse, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let all = state.store.bucket_settings(&bucket, Rule::KIND, "", RULES);
    let format = get_bucket_intelligent_tiering_configuration::OPERATION.response_body;
    let rules = all.await?.into_iter().map(|kept| {
        let mut rule = TieringRule::default();
        kept::read(format, &kept.document, &mut rule).map(|()| rule)
    });
    let rules: Vec<_> = rules.collect::<Result<_, Fault>>()?;
    Ok(ListBucketIntelligentTieringConfigurationsResponse::new().rules(rules))
}

/// Deletes a rule.
pub(super) async fn delete(
    state: &State,
    _: Context,
    request: DeleteBucketIntelligentTieringConfigurationRequest,
) -> Result<Answer<DeleteBucketIntelligentTieringConfigurationResponse>, Fault> {
    let name = SettingName {
        bucket: names::bucket(request.bucket)?,
        kind: Rule::KIND,
        id: request.id.unwrap_or_default(),
    };
    if name.id == DEFAULT {
        return Err(invalid("the rule `default` cannot be deleted"));
    }
    state.store.delete_bucket_setting(&name).await?;
    let answer = DeleteBucketIntelligentTieringConfigurationResponse::new();
    Ok(Answer::new(answer).status(StatusCode::NO_CONTENT))
}

/// What cannot be changed once it is set.
async fn require_unset(
    state: &State,
    bucket: &Bucket,
    kind: &'static str,
    id: &str,
) -> Result<(), Fault> {
    let name = SettingName {
        bucket: bucket.name.clone(),
        kind,
        id: id.to_owned(),
    };
    if state.store.bucket_setting(&name).await?.is_none() {
        return Ok(());
    }
    Err(conflict(
        "tiering by use is on in this bucket and cannot be changed",
    ))
}

fn check_infrequent(days: Option<i64>, accesses: Option<i64>) -> Result<(), Fault> {
    if !matches!(days, Some(30 | 60 | 90)) {
        return Err(invalid("Days must be 30, 60 or 90"));
    }
    if !matches!(accesses, None | Some(1)) {
        return Err(invalid("RequestFrequent must be 1"));
    }
    Ok(())
}
