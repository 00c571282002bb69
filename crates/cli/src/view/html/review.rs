//! A plan as a page for those who review it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use provision_engine::address::Address;
use provision_engine::plan::{ChangeDocument, PlanDocument};
use provision_engine::state::OutputValue;

use super::lines::{code, parts};
use super::{Escaped, GRAPH_SCRIPT, GRAPH_STYLE, Page, STYLE};
use crate::view::graph::{Look, Picture, action_of, view};
use crate::view::text::{Line, counted};
use crate::view::{Style, plan};

const REVIEW_STYLE: &str = include_str!("assets/review.css");
const REVIEW_SCRIPT: &str = include_str!("assets/review.js");

/// Nothing is cut off in a page.
const WHOLE: Style = Style { colour: false, width: Style::UNBOUNDED };

/// What a page is made of.
pub(crate) struct Review<'a> {
    /// The plan.
    pub(crate) document: &'a PlanDocument,
    /// What the environment gave when it was made.
    pub(crate) given: &'a BTreeMap<String, OutputValue>,
    /// The AWS account, if anything is on AWS.
    pub(crate) account: Option<&'a str>,
    /// When it was made, as RFC 3339.
    pub(crate) time: Option<String>,
    /// Whether it destroys everything.
    pub(crate) destroy: bool,
}

impl Review<'_> {
    /// The page: one file that asks for no other.
    pub(crate) fn page(&self) -> String {
        let env = &self.document.env;
        let title = format!("Plan: {} {}", env.project, env.name);
        let picture = Picture::of_plan(self.document);
        let mut body = String::from("<a class=\"skip\" href=\"#changes\">Skip to the changes</a>\n<header>");
        body.push_str(&self.heading());
        body.push_str("</header>\n<main>\n");
        body.push_str(&self.ahead());
        let _ = writeln!(
            body,
            "<section aria-labelledby=\"graph-title\"><h2 id=\"graph-title\">What depends on what</h2>\n{}</section>",
            view(&picture, false)
        );
        body.push_str(&self.changes(&picture));
        body.push_str(&self.elsewhere());
        body.push_str(&self.outputs());
        body.push_str(&self.left_out());
        body.push_str(&self.unchanged());
        let _ = writeln!(
            body,
            "</main>\n<footer>Made by provision {}. This page is one file; it asks nothing of any network.</footer>",
            env!("CARGO_PKG_VERSION")
        );
        Page {
            title: &title,
            styles: &[STYLE, GRAPH_STYLE, REVIEW_STYLE],
            scripts: &[GRAPH_SCRIPT, REVIEW_SCRIPT],
            body: &body,
        }
        .write()
    }

    /// What it is a plan of, what it comes to, and a button for each action.
    fn heading(&self) -> String {
        let env = &self.document.env;
        let mut facts = vec![("Region", env.region.clone())];
        facts.extend(self.account.map(|account| ("Account", account.to_owned())));
        facts.extend(self.time.clone().map(|time| ("Planned", time)));
        facts.push(("State", format!("serial {}", self.document.serial)));
        let facts: String = facts
            .iter()
            .map(|(name, fact)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", Escaped(fact)))
            .collect();
        let outputs = plan::outputs(self.document, self.given, WHOLE);
        let sum = parts(&plan::summary(self.document, !outputs.is_empty()));
        let warning = match self.destroy {
            true => "<p class=\"warning\">This plan destroys everything that the environment has.</p>",
            false => "",
        };
        format!(
            "<p class=\"kicker\">Plan</p><h1>{} <span>{}</span></h1><dl>{facts}</dl>{warning}\
             <p class=\"sum\" id=\"sum\">{sum}</p>{}",
            Escaped(&env.project),
            Escaped(&env.name),
            self.tiles()
        )
    }

    /// What would fail, and what could not be looked at.
    fn ahead(&self) -> String {
        let mut lines = self
            .document
            .preflight
            .as_ref()
            .map(|preflight| plan::seen_ahead(preflight, WHOLE))
            .unwrap_or_default();
        lines.pop();
        match lines.is_empty() {
            true => String::new(),
            false => format!("<section id=\"ahead\"><h2>Seen ahead</h2>\n{}</section>\n", code(&lines)),
        }
    }

    fn tiles(&self) -> String {
        let mut tiles = String::new();
        for (action, changes) in self.grouped() {
            let look = Look::of(action);
            let _ = write!(
                tiles,
                "<button type=\"button\" class=\"tile is-{}\" data-filter=\"{action}\" aria-pressed=\"false\">\
                 <b>{}</b> {}</button>",
                look.class,
                changes.len(),
                Escaped(look.label(action)),
                action = Escaped(action),
            );
        }
        match tiles.is_empty() {
            true => tiles,
            false => {
                format!(
                    "<div class=\"tiles\" role=\"group\" aria-label=\"Show only these changes\">{tiles}</div>"
                )
            }
        }
    }

    /// The changes that do something, by what that is, the most drastic first.
    fn grouped(&self) -> Vec<(&str, Vec<&ChangeDocument>)> {
        let mut groups: Vec<(&str, Vec<&ChangeDocument>)> = Vec::new();
        for change in self.document.effective() {
            let action = action_of(change);
            match groups.iter_mut().find(|(known, _)| *known == action) {
                Some((_, changes)) => changes.push(change),
                None => groups.push((action, vec![change])),
            }
        }
        groups.sort_by_key(|(action, _)| Look::of(action).rank);
        groups
    }

    fn changes(&self, picture: &Picture) -> String {
        let mut html = String::from(
            "<section id=\"changes\" aria-labelledby=\"changes-title\"><h2 id=\"changes-title\">Changes</h2>\n",
        );
        let groups = self.grouped();
        if groups.is_empty() {
            return html + "<p>Nothing is to be changed.</p></section>\n";
        }
        html.push_str(
            "<div class=\"tools\"><label class=\"search\"><span>Search</span><input type=\"search\" id=\"search\" \
             placeholder=\"Search addresses and values\" autocomplete=\"off\" spellcheck=\"false\"></label>\
             <output id=\"found\" for=\"search\" aria-live=\"polite\"></output>\
             <button type=\"button\" id=\"open\">Open all</button>\
             <button type=\"button\" id=\"close\">Close all</button></div>\n",
        );
        for (action, changes) in groups {
            let look = Look::of(action);
            let _ = writeln!(
                html,
                "<section class=\"group\" data-action=\"{}\"><h3 class=\"is-{}\">{} <span>{}</span></h3>",
                Escaped(action),
                look.class,
                Escaped(&capitalised(look.label(action))),
                changes.len()
            );
            for change in changes {
                let node = picture.nodes.iter().position(|node| node.address.as_str() == change.address);
                html.push_str(&card(self.document, change, node));
            }
            html.push_str("</section>\n");
        }
        html + "</section>\n"
    }

    /// What someone else has changed, and nothing is done about.
    fn elsewhere(&self) -> String {
        let lines = plan::changed_elsewhere(self.document);
        let Some((_, lines)) = lines.split_first() else { return String::new() };
        format!(
            "<section id=\"drift\"><h2>Changed outside of provision</h2>\n\
             <p>Nothing is to be done about it.</p>\n{}</section>\n",
            code(lines)
        )
    }

    fn outputs(&self) -> String {
        let lines = plan::outputs(self.document, self.given, WHOLE);
        match lines.is_empty() {
            true => String::new(),
            false => format!("<section id=\"outputs\"><h2>Outputs</h2>\n{}</section>\n", code(&lines)),
        }
    }

    /// What the plan would do as well, were it about everything.
    fn left_out(&self) -> String {
        let names: Vec<String> =
            self.document.left_out.iter().map(|address| format!("<li>{}</li>", Escaped(address))).collect();
        match names.is_empty() {
            true => String::new(),
            false => format!(
                "<section id=\"left-out\"><h2>Left out</h2>\n\
                 <p>In a plan of everything, something would be done to these too.</p><ul>{}</ul></section>\n",
                names.concat()
            ),
        }
    }

    fn unchanged(&self) -> String {
        let unchanged = self.document.changes.iter();
        let unchanged = unchanged.filter(|change| action_of(change) == "no-op" && !change.gone);
        let names: Vec<String> =
            unchanged.map(|change| format!("<li>{}</li>", Escaped(&change.address))).collect();
        match names.len() {
            0 => String::new(),
            count => format!(
                "<section id=\"unchanged\"><details><summary>{} unchanged</summary><ul>{}</ul></details></section>\n",
                counted(count, "resource"),
                names.concat()
            ),
        }
    }
}

/// One change, folded.
fn card(document: &PlanDocument, change: &ChangeDocument, node: Option<usize>) -> String {
    let lines = plan::of_change(document, change, WHOLE);
    let (heading, rest) = match lines.split_first() {
        Some((heading, rest)) => (heading.clone(), rest),
        None => (Line::default(), &[][..]),
    };
    let action = action_of(change);
    let look = Look::of(action);
    let symbol = heading.parts().first().map_or("", |(_, symbol)| symbol.trim());
    let address = Address::from(change.address.as_str());
    let name = address.name();
    let module = &change.address[..change.address.len() - name.len()];
    let note = heading.note().map(|(_, note)| match note.trim_start_matches("# ") {
        sentence if sentence.contains(' ') => {
            format!("<p class=\"note\">{}</p>", Escaped(&capitalised(sentence)))
        }
        id => format!("<p class=\"note\">Its id is <code>{}</code>.</p>", Escaped(id)),
    });
    let body = match (rest.is_empty(), &note) {
        (true, None) => "<p class=\"note\">There is nothing more to say of it.</p>".to_owned(),
        (true, Some(_)) => String::new(),
        (false, _) => code(rest),
    };
    let show = node.map(|node| {
        format!("<button type=\"button\" class=\"link\" data-show=\"{node}\">Show in the graph</button>")
    });
    format!(
        "<details class=\"change is-{class}\" data-action=\"{action}\"{position}><summary>\
         <span class=\"symbol\" aria-hidden=\"true\">{symbol}</span>\
         <span class=\"address\">{module}<b>{name}</b></span>\
         <span class=\"badge\">{label}</span></summary>\n<div class=\"body\">{note}{body}{show}</div></details>\n",
        class = look.class,
        action = Escaped(action),
        position = node.map(|node| format!(" data-node=\"{node}\"")).unwrap_or_default(),
        symbol = Escaped(symbol),
        module = Escaped(module),
        name = Escaped(name),
        label = Escaped(look.label(action)),
        note = note.unwrap_or_default(),
        show = show.unwrap_or_default(),
    )
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests;
