//! What several calls are given alike: settings and keys. Their builders are of different types, so
//! these are macros.

/// The settings that uploads have, whatever operation stores the object.
macro_rules! with_settings {
    ($call:expr, $settings:expr) => {{
        let settings: &$crate::settings::Settings = $settings;
        let call = $call
            .cache_control(settings.cache_control.as_deref())
            .content_disposition(settings.content_disposition.as_deref())
            .content_encoding(settings.content_encoding.as_deref())
            .content_language(settings.content_language.as_deref())
            .content_type(settings.content_type.as_deref())
            .expires(settings.expires.as_deref())
            .acl(settings.acl.clone())
            .storage_class(settings.storage_class.clone())
            .tagging(settings.tagging.as_deref())
            .metadata(settings.metadata.clone());
        let call = match &settings.encryption {
            None | Some($crate::settings::Encryption::Customer(_)) => call,
            Some($crate::settings::Encryption::Service) => {
                call.server_side_encryption(tcloud_cos::ServerSideEncryption::Aes256)
            }
            Some($crate::settings::Encryption::Kms { key_id, context }) => call
                .server_side_encryption(tcloud_cos::ServerSideEncryption::CosKms)
                .kms_key_id(key_id.as_deref())
                .kms_context(context.as_deref()),
        };
        $crate::service::with::with_key!(call, settings.customer_key())
    }};
}

/// A key of the customer's own.
macro_rules! with_key {
    ($call:expr, $key:expr) => {{
        let key: Option<&$crate::settings::CustomerKey> = $key;
        $call
            .sse_customer_algorithm(key.map(|_| $crate::settings::CustomerKey::ALGORITHM))
            .sse_customer_key(key.map(|key| key.key.as_str()))
            .sse_customer_key_md5(key.map(|key| key.md5.as_str()))
    }};
}

/// The key that the source of a copy is encrypted with.
macro_rules! with_source_key {
    ($call:expr, $key:expr) => {{
        let key: Option<&$crate::settings::CustomerKey> = $key;
        $call
            .copy_source_sse_customer_algorithm(
                key.map(|_| $crate::settings::CustomerKey::ALGORITHM),
            )
            .copy_source_sse_customer_key(key.map(|key| key.key.as_str()))
            .copy_source_sse_customer_key_md5(key.map(|key| key.md5.as_str()))
    }};
}

pub(super) use {with_key, with_settings, with_source_key};
