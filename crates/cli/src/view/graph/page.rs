//! A graph as a page of its own.

use std::fmt::Write as _;

use super::{Look, Picture, svg};
use crate::view::html::{Escaped, GRAPH_SCRIPT, GRAPH_STYLE, Page, STYLE};
use crate::view::text::counted;

const PAGE_STYLE: &str = include_str!("assets/page.css");
const PAGE_SCRIPT: &str = include_str!("assets/page.js");

/// The page: one file that asks for no other.
pub(crate) fn page(picture: &Picture) -> String {
    let title = format!("{}: what depends on what", picture.title);
    let mut body = format!(
        "<header class=\"bar\"><h1>{}</h1><p>{}, {}</p>{}\
         <label class=\"search\"><span>Search</span><input type=\"search\" id=\"search\" \
         placeholder=\"Search the graph\" autocomplete=\"off\" spellcheck=\"false\"></label>\
         <output id=\"found\" for=\"search\" aria-live=\"polite\"></output></header>\n",
        Escaped(&picture.title),
        counted(picture.nodes.len(), "node"),
        match picture.edges.len() {
            1 => "1 dependency".to_owned(),
            count => format!("{count} dependencies"),
        },
        legend(picture),
    );
    let _ = writeln!(body, "<main>{}</main>", view(picture, true));
    Page {
        title: &title,
        styles: &[STYLE, GRAPH_STYLE, PAGE_STYLE],
        scripts: &[GRAPH_SCRIPT, PAGE_SCRIPT],
        body: &body,
    }
    .write()
}

/// The drawing in a frame in which it can be moved, with what is said of the node that was chosen. `alone`: whether it
/// fills the page. With nothing to scroll to, the wheel zooms.
pub(crate) fn view(picture: &Picture, alone: bool) -> String {
    let (attribute, wheel) = if alone { (" data-alone", "the wheel") } else { ("", "Ctrl and the wheel") };
    format!(
        "<div class=\"graph\" data-graph{attribute}><div class=\"canvas\">\n{}</div>\n\
         <div class=\"zoom\" role=\"group\" aria-label=\"Zoom\">\
         <button type=\"button\" data-zoom=\"in\" aria-label=\"Zoom in\">+</button>\
         <button type=\"button\" data-zoom=\"out\" aria-label=\"Zoom out\">−</button>\
         <button type=\"button\" data-zoom=\"fit\">Fit</button></div>\
         <div class=\"chosen\" aria-live=\"polite\">Choose a node to see what it depends on, and what depends \
         on it. Drag to move, zoom with {wheel}.</div></div>\n",
        svg(picture)
    )
}

/// What the colours mean.
fn legend(picture: &Picture) -> String {
    let mut legend = String::new();
    for (action, count) in picture.actions() {
        let look = Look::of(action);
        // Writing into memory does not fail.
        let _ = write!(
            legend,
            "<li class=\"is-{}\"><i></i>{count} {}</li>",
            look.class,
            Escaped(look.label(action))
        );
    }
    if legend.is_empty() { legend } else { format!("<ul class=\"legend\">{legend}</ul>") }
}
