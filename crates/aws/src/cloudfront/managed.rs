//! AWS's own policies, whose ids are the same in all accounts. Names are those of the API: the console and AWS's
//! documentation leave out the `Managed-` that most begin with.

use provision_engine::value::Value;

/// Names and ids, after "Use managed cache policies" in the CloudFront Developer Guide.
pub(crate) const CACHE_POLICIES: &[(&str, &str)] = &[
    ("Managed-Amplify", "2e54312d-136d-493c-8eb9-b001f22f67d2"),
    ("Managed-Amplify-Default", "4d1d2f1d-3a71-49ad-9e08-7ea5d843a556"),
    ("Managed-Amplify-DefaultNoCookies", "a6bad946-36c3-4c33-aa98-362c74a7fb13"),
    ("Managed-Amplify-ImageOptimization", "1c6db51a-a33f-469a-8245-dae26771f530"),
    ("Managed-Amplify-StaticContent", "7e5fad67-ee98-4ad0-b05a-394999eefc1a"),
    ("Managed-CachingDisabled", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
    ("Managed-CachingOptimized", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
    ("Managed-CachingOptimizedForUncompressedObjects", "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"),
    ("Managed-Elemental-MediaPackage", "08627262-05a9-4f76-9ded-b50ca2e3a84f"),
    ("UseOriginCacheControlHeaders", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
    ("UseOriginCacheControlHeaders-QueryStrings", "4cc15a8a-d715-48a4-82b8-cc0b614638fe"),
];

/// Names and ids, after "Use managed origin request policies" in the CloudFront Developer Guide.
pub(crate) const ORIGIN_REQUEST_POLICIES: &[(&str, &str)] = &[
    ("Managed-AllViewer", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
    ("Managed-AllViewerAndCloudFrontHeaders-2022-06", "33f36d7e-f396-46d9-90e0-52428a34d9dc"),
    ("Managed-AllViewerExceptHostHeader", "b689b0a8-53d0-40ab-baf2-68738e2966ac"),
    ("Managed-CORS-CustomOrigin", "59781a5b-3903-41f3-afcb-af62929ccde1"),
    ("Managed-CORS-S3Origin", "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"),
    ("Managed-Elemental-MediaTailor-PersonalizedManifests", "775133bc-15f2-49f9-abea-afb2e0bf67d2"),
    ("Managed-HostHeaderOnly", "bf0718e1-ba1e-49d1-88b1-f726733018ae"),
    ("Managed-UserAgentRefererHeaders", "acba4595-bd28-49b8-b9fe-13317c0390fa"),
];

/// Names and ids, after "Use managed response headers policies" in the CloudFront Developer Guide.
pub(crate) const RESPONSE_HEADERS_POLICIES: &[(&str, &str)] = &[
    ("Managed-CORS-With-Preflight", "5cc3b908-e619-4b99-88e5-2cf7f45965bd"),
    ("Managed-CORS-and-SecurityHeadersPolicy", "e61eb60c-9c35-4d20-a928-2b84e02af89c"),
    ("Managed-CORS-with-preflight-and-SecurityHeadersPolicy", "eaab4381-ed33-4a86-88ca-d9558dc6cd63"),
    ("Managed-SecurityHeadersPolicy", "67f7725c-6f97-4210-82d7-5512b31e9d03"),
    ("Managed-SimpleCORS", "60669652-455b-4ae9-85a4-c4c02393f86c"),
];

/// The id of the policy that the arguments of a data source select, if they say it or it is AWS's own.
pub(crate) fn id(policies: &[(&str, &str)], arguments: &Value) -> Option<Value> {
    let (id, name) = (arguments.get("id"), arguments.get("name"));
    if !id.is_null() {
        return Some(id.clone());
    }
    let name = bare(name.as_str()?);
    policies.iter().find(|(known, _)| bare(known) == name).map(|(_, id)| (*id).into())
}

/// The same for its name.
pub(crate) fn name(policies: &[(&str, &str)], arguments: &Value) -> Option<Value> {
    let (id, name) = (arguments.get("id"), arguments.get("name"));
    if !name.is_null() {
        return Some(name.clone());
    }
    let id = id.as_str()?;
    policies.iter().find(|(_, known)| *known == id).map(|(name, _)| (*name).into())
}

/// A name without what most begin with: what AWS writes differs in which do.
fn bare(name: &str) -> &str {
    name.strip_prefix("Managed-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use provision_engine::cloudformation::table;

    use super::*;

    #[test]
    fn a_policy_is_told_by_either_argument() {
        let by = |argument: &str, text: &str| table([(argument, text.into())]);
        let disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
        let named = by("name", "Managed-CachingDisabled");
        assert_eq!(id(CACHE_POLICIES, &named), Some(disabled.into()));
        assert_eq!(name(CACHE_POLICIES, &by("id", disabled)), Some("Managed-CachingDisabled".into()));
        let origin = by("name", "Managed-UseOriginCacheControlHeaders");
        assert_eq!(id(CACHE_POLICIES, &origin), Some("83da9c7e-98b4-4e11-a168-04f0df8e2c65".into()));
        assert_eq!(id(CACHE_POLICIES, &by("name", "mine")), None, "an account's own has another id in each");
        assert_eq!(id(CACHE_POLICIES, &by("id", "mine")), Some("mine".into()));
        assert_eq!(name(CACHE_POLICIES, &by("id", "mine")), None);
    }

    #[test]
    fn ids_are_uuids_and_unlike() {
        let all = [CACHE_POLICIES, ORIGIN_REQUEST_POLICIES, RESPONSE_HEADERS_POLICIES].concat();
        for (name, id) in &all {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{name}");
            assert!(id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{name}");
        }
        let unlike = |pick: fn(&(&'static str, &'static str)) -> &'static str| {
            all.iter().map(pick).collect::<BTreeSet<_>>().len()
        };
        assert_eq!((unlike(|(name, _)| name), unlike(|(_, id)| id)), (all.len(), all.len()));
    }
}
