//! The settings of a template: hundreds of members, which go to MediaConvert and come back as the JSON that they are,
//! past the SDK's types.

use serde_json::{Map, Value as Json};

/// Members of the settings whose own members bear names that someone gave: selectors, by name.
const NAMED: [&str; 4] =
    ["audioSelectorGroups", "audioSelectors", "captionSelectors", "dynamicAudioSelectors"];

/// Settings as the API takes them: its members begin with a small letter, where the console and CloudFormation begin
/// them with a capital one.
pub(super) fn to_api(settings: &Json) -> Json {
    write(settings, false, api_name)
}

/// Settings as CloudFormation takes them.
pub(super) fn to_cloudformation(settings: &Json) -> Json {
    write(settings, false, |name| first(name, |letter| letter.to_ascii_uppercase()))
}

fn write(settings: &Json, named: bool, spell: fn(&str) -> String) -> Json {
    match settings {
        Json::Object(members) => Json::Object(
            members
                .iter()
                .map(|(name, member)| {
                    let holds_named = !named && NAMED.contains(&api_name(name).as_str());
                    let name = if named { name.clone() } else { spell(name) };
                    (name, write(member, holds_named, spell))
                })
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.iter().map(|item| write(item, false, spell)).collect()),
        other => other.clone(),
    }
}

fn api_name(name: &str) -> String {
    first(name, |letter| letter.to_ascii_lowercase())
}

/// A name with another first letter.
fn first(name: &str, spell: fn(char) -> char) -> String {
    let mut characters = name.chars();
    characters.next().map(spell).into_iter().chain(characters).collect()
}

/// Settings as they are there (`api`), in the shape of `known` ones: what both say with the same meaning is as in
/// `known`; what is there and `known` does not mention is a default that AWS filled in, and is left out; what differs
/// is as it is there, and what is not there is missing. So nothing but what differs is a difference.
pub(super) fn in_shape_of(known: &Json, api: &Json) -> Json {
    shape(known, api, false)
}

fn shape(known: &Json, api: &Json, named: bool) -> Json {
    match (known, api) {
        (Json::Object(known), Json::Object(there)) => {
            let mut shaped = Map::new();
            for (name, member) in known {
                let api_name = if named { name.clone() } else { api_name(name) };
                let holds_named = !named && NAMED.contains(&api_name.as_str());
                match there.get(&api_name) {
                    Some(there) => {
                        shaped.insert(name.clone(), shape(member, there, holds_named));
                    }
                    // AWS does not answer what says nothing.
                    None if is_nothing(member) => {
                        shaped.insert(name.clone(), member.clone());
                    }
                    None => {}
                }
            }
            Json::Object(shaped)
        }
        (Json::Array(known), Json::Array(there)) => Json::Array(
            there
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    known.get(index).map_or_else(|| item.clone(), |known| shape(known, item, false))
                })
                .collect(),
        ),
        (Json::Number(number), Json::Number(there)) if number.as_f64() == there.as_f64() => known.clone(),
        _ => api.clone(),
    }
}

fn is_nothing(member: &Json) -> bool {
    match member {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_named_as_the_api_names_them() {
        let settings = json!({
            "OutputGroups": [{ "CustomName": "HLS", "OutputGroupSettings": { "Type": "HLS_GROUP_SETTINGS" } }],
            "Inputs": [{ "AudioSelectors": { "Audio Selector 1": { "DefaultSelection": "DEFAULT" } } }],
        });
        let api = json!({
            "outputGroups": [{ "customName": "HLS", "outputGroupSettings": { "type": "HLS_GROUP_SETTINGS" } }],
            "inputs": [{ "audioSelectors": { "Audio Selector 1": { "defaultSelection": "DEFAULT" } } }],
        });
        assert_eq!(to_api(&settings), api);
        assert_eq!(to_api(&api), api);
        assert_eq!(to_cloudformation(&api), settings);
        assert_eq!(to_cloudformation(&settings), settings);
    }

    #[test]
    fn defaults_of_aws_are_no_difference() {
        let known = json!({ "OutputGroups": [{ "Outputs": [{ "Extension": "m3u8", "Settings": {} }] }], "AdAvailOffset": 0 });
        let there = json!({
            "timecodeConfig": { "source": "EMBEDDED" },
            "adAvailOffset": 0.0,
            "outputGroups": [{ "name": "made up", "outputs": [{ "extension": "m3u8", "more": 1 }] }],
        });
        assert_eq!(in_shape_of(&known, &there), known);
    }

    #[test]
    fn what_someone_changed_or_removed_is_found() {
        let known =
            json!({ "inputs": [{ "filterStrength": 3, "psiControl": "USE_PSI" }], "adAvailOffset": 5 });
        let changed =
            json!({ "inputs": [{ "filterStrength": 4, "psiControl": "USE_PSI" }], "adAvailOffset": 5 });
        assert_eq!(in_shape_of(&known, &changed), changed);
        let removed = json!({ "inputs": [{ "psiControl": "USE_PSI" }] });
        assert_eq!(in_shape_of(&known, &removed), removed);
        let longer = json!({
            "inputs": [{ "filterStrength": 3, "psiControl": "USE_PSI" }, { "filterStrength": 1 }],
            "adAvailOffset": 5
        });
        assert_eq!(in_shape_of(&known, &longer), longer);
        assert_eq!(in_shape_of(&Json::Null, &longer), longer, "nothing is known of what is imported");
    }
}
