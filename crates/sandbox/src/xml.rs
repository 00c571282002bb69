//! XML as a tree: the documents of AWS are small, and the front changes single elements in them.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// An element. Namespaces are kept as the attributes that they are; a prefix is dropped from a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// An element with nothing but text in it.
    pub(crate) fn of(name: &str, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::new(name) }
    }

    /// Adds `child` at the end.
    pub(crate) fn with(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// Adds `children` at the end.
    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of that name, to be changed.
    pub(crate) fn child_mut(&mut self, name: &str) -> Option<&mut Element> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    /// The element at the end of a path of names.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The text at the end of a path of names; empty if there is no such element.
    pub(crate) fn text_at(&self, path: &[&str]) -> &str {
        self.at(path).map_or("", |element| element.text.as_str())
    }

    /// The elements in the `Items` of the list that stands under `path`.
    pub(crate) fn items(&self, path: &[&str]) -> &[Element] {
        self.at(path).and_then(|list| list.child("Items")).map_or(&[], |items| items.children.as_slice())
    }

    /// The first element of that name at any depth, this one included.
    pub(crate) fn descendant(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.descendant(name))
    }

    /// All elements of that name at any depth, this one included.
    pub(crate) fn descendants<'a>(&'a self, name: &str) -> Vec<&'a Element> {
        let own = (self.name == name).then_some(self);
        own.into_iter().chain(self.children.iter().flat_map(|child| child.descendants(name))).collect()
    }

    /// Puts `child` in the place of the child of its name, or at the end.
    pub(crate) fn put(&mut self, child: Element) {
        match self.child_mut(&child.name) {
            Some(existing) => *existing = child,
            None => self.children.push(child),
        }
    }

    /// The document with this element as its root.
    pub(crate) fn document(&self) -> String {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        text.push('<');
        text.push_str(&self.name);
        for (name, value) in &self.attributes {
            text.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
        if self.children.is_empty() && self.text.is_empty() {
            text.push_str("/>");
            return;
        }
        text.push('>');
        text.push_str(&escape(&self.text));
        for child in &self.children {
            child.write(text);
        }
        text.push_str(&format!("</{}>", self.name));
    }
}

/// The root of a document, if it is one.
pub(crate) fn parse(document: &[u8]) -> Option<Element> {
    let text = std::str::from_utf8(document).ok()?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(start) => {
                let empty = element(&start)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(empty),
                    None => return Some(empty),
                }
            }
            Event::End(_) => {
                let mut closed = open.pop()?;
                // What stands between elements is layout.
                if !closed.children.is_empty() {
                    closed.text.clear();
                }
                match open.last_mut() {
                    Some(parent) => parent.children.push(closed),
                    None => return Some(closed),
                }
            }
            Event::Text(part) => {
                if let Some(current) = open.last_mut() {
                    current.text.push_str(&part);
                }
            }
            Event::CData(part) => {
                if let Some(current) = open.last_mut() {
                    current.text.push_str(&part);
                }
            }
            Event::GeneralRef(reference) => {
                let resolved = quick_xml::escape::unescape(&format!("&{};", &*reference)).ok()?.into_owned();
                if let Some(current) = open.last_mut() {
                    current.text.push_str(&resolved);
                }
            }
            Event::Eof => return None,
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let name = start.local_name().into_inner().to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let value = quick_xml::escape::unescape(&attribute.value).ok()?.into_owned();
        attributes.push((attribute.key.into_inner().to_owned(), value));
    }
    Some(Element { name, attributes, ..Element::default() })
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_document_is_read_changed_and_written() {
        let source = br#"<?xml version="1.0"?>
            <n:Root xmlns="http://example.com/" note="a&amp;b"><!-- c -->
              <Text>a &lt; b &#38; <![CDATA[<c>]]></Text>
              <List><Quantity>1</Quantity><Items><Item>x</Item></Items></List>
              <Empty/>
            </n:Root>"#;
        let mut root = parse(source).unwrap();
        assert_eq!((root.name.as_str(), root.text.as_str()), ("Root", ""));
        assert_eq!(root.text_at(&["Text"]), "a < b & <c>");
        assert_eq!(root.items(&["List"]).len(), 1);
        assert_eq!(root.descendants("Item").len(), 1);
        root.put(Element::of("Empty", "full"));
        let again = parse(root.document().as_bytes()).unwrap();
        assert_eq!(again, root);
        assert!(parse(b"{\"not\": \"xml\"}").is_none());
        assert!(parse(b"<a><b></a>").is_none());
    }
}
