//! JSON for people: what fits on a line stands on one.

use serde_json::Value as Json;

use super::text::width;

/// How long a line is at most, unless a single value is longer.
const COLUMNS: usize = 120;
/// The columns of a level.
const STEP: usize = 2;

/// A value as text, with the end of a line after it.
pub(crate) fn text(value: &Json) -> String {
    let mut text = String::new();
    write(value, 0, 0, &mut text);
    text.push('\n');
    text
}

/// Writes a value that is indented by so many columns, and begins after `before` more.
fn write(value: &Json, indent: usize, before: usize, text: &mut String) {
    let inline = inline(value);
    // A comma may follow.
    if indent + before + width(&inline) < COLUMNS {
        text.push_str(&inline);
        return;
    }
    let inner = indent + STEP;
    match value {
        Json::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                text.push_str(if position == 0 { "[\n" } else { ",\n" });
                text.push_str(&" ".repeat(inner));
                write(item, inner, 0, text);
            }
            text.push_str(&format!("\n{}]", " ".repeat(indent)));
        }
        Json::Object(members) => {
            for (position, (name, member)) in members.iter().enumerate() {
                let name = Json::from(name.as_str()).to_string();
                text.push_str(if position == 0 { "{\n" } else { ",\n" });
                text.push_str(&format!("{}{name}: ", " ".repeat(inner)));
                write(member, inner, width(&name) + 2, text);
            }
            text.push_str(&format!("\n{}}}", " ".repeat(indent)));
        }
        _ => text.push_str(&inline),
    }
}

fn inline(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Json::Object(members) if members.is_empty() => "{}".to_owned(),
        Json::Object(members) => {
            let member = |(name, member): (&String, &Json)| {
                format!("{}: {}", Json::from(name.as_str()), inline(member))
            };
            format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text;

    #[test]
    fn what_fits_on_a_line_stands_on_it_and_nothing_is_lost() {
        let long = "x".repeat(90);
        let value = json!({ "short": { "a": [1, "b"], "none": {} }, "long": [{ "quoted \"": long }, []] });
        let expected = format!(
            "{{\n  \"short\": {{ \"a\": [1, \"b\"], \"none\": {{}} }},\n  \"long\": [\n    \
                {{ \"quoted \\\"\": \"{long}\" }},\n    []\n  ]\n}}\n"
        );
        let text = text(&value);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), Some(value));
        assert_eq!(text, expected);
    }
}
