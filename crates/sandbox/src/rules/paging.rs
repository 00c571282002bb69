//! Cuts CloudFront's lists into pages: ministack answers them whole, whatever it is asked.

use crate::{query, xml::Element};

/// How many items a page has if the request does not say.
const PAGE: usize = 100;

/// Leaves of a complete list the page that `parameters` ask for. A list that was cut already stays as it is.
///
/// The marker is the number of items before the page. CloudFront does not say what its markers mean.
pub(crate) fn cut(list: &mut Element, parameters: &str) {
    let asked = query::value(parameters, "MaxItems").and_then(|size| size.parse::<usize>().ok());
    let size = asked.filter(|size| *size > 0).unwrap_or(PAGE);
    let marker = query::value(parameters, "Marker").unwrap_or_default();
    let start = marker.parse::<usize>().unwrap_or_default();

    let items = list.child_mut("Items").map(|items| std::mem::take(&mut items.children)).unwrap_or_default();
    let more = start + size < items.len();
    let page = items.into_iter().skip(start).take(size).collect::<Vec<_>>();
    list.put(Element::of("Quantity", page.len().to_string()));
    list.put(Element::of("MaxItems", size.to_string()));
    list.children.retain(|child| !["Items", "NextMarker"].contains(&child.name.as_str()));
    // Of the two families of lists, the older says where it began and whether it goes on.
    if list.child("IsTruncated").is_some() {
        list.put(Element::of("Marker", marker));
        list.put(Element::of("IsTruncated", more.to_string()));
    }
    if more {
        list.put(Element::of("NextMarker", (start + size).to_string()));
    }
    if !page.is_empty() {
        list.put(Element::new("Items").with_all(page));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &Element) -> Vec<&str> {
        list.items(&[]).iter().map(|item| item.text.as_str()).collect()
    }

    #[test]
    fn pages_follow_one_another() {
        let whole = Element::new("List")
            .with(Element::of("IsTruncated", "false"))
            .with(Element::new("Items").with_all(["a", "b", "c"].map(|id| Element::of("Id", id))));
        let mut first = whole.clone();
        cut(&mut first, "MaxItems=2");
        assert_eq!(ids(&first), ["a", "b"]);
        assert_eq!((first.text_at(&["IsTruncated"]), first.text_at(&["NextMarker"])), ("true", "2"));
        let mut second = whole.clone();
        cut(&mut second, "MaxItems=2&Marker=2");
        assert_eq!(ids(&second), ["c"]);
        assert_eq!((second.text_at(&["IsTruncated"]), second.text_at(&["Quantity"])), ("false", "1"));
        assert!(second.child("NextMarker").is_none());
    }
}
