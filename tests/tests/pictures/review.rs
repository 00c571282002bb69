//! The page for those who review a plan: read and clicked through in a browser.

use provision_tests::{Browser, World};

use crate::environment::{HARM, PASSWORD, REVIEWED, changed_world, world};

/// What the browser says of all changes that are seen: the action, and whether they are open.
fn changes(browser: &Browser) -> Vec<String> {
    let script = "return Array.from(document.querySelectorAll('.change')).filter((it) => it.checkVisibility())
        .map((it) => it.dataset.action + ' ' + it.querySelector('.address').textContent + (it.open ? ' open' : ''));";
    let found = browser.script(script, &[]);
    found.as_array().unwrap().iter().map(|change| change.as_str().unwrap().to_owned()).collect()
}

fn report(world: &World) -> std::path::PathBuf {
    world.succeed(&["plan", REVIEWED, "--report", "report.html", "--out", "it.plan"]);
    world.directory().join("report.html")
}

#[test]
fn a_report_can_be_read_and_clicked_through() {
    let world = changed_world();
    let path = report(&world);
    let Some(browser) = Browser::start(1280, 1000) else { return };
    browser.open(&path);
    let added = format!("terraform_data.added[\"{HARM}\"]");

    // What it is of, and what it comes to.
    assert_eq!(browser.texts("h1"), ["story reviewed"]);
    let facts = browser.texts("dl div").join(" ");
    assert!(facts.contains("us-east-1") && facts.contains(world.account()), "{facts}");
    assert_eq!(browser.texts("#sum"), ["Plan: 1 to create, 2 to update, 1 to replace, 1 to delete."]);
    assert_eq!(browser.texts(".tile"), ["1 delete", "1 replace", "2 update", "1 create"]);
    let all = [
        "delete terraform_data.doomed",
        "replace terraform_data.version",
        "update terraform_data.greeting",
        "update module.logs.aws_cloudwatch_log_group.this",
        &format!("create {added}"),
    ];
    assert_eq!(sorted(changes(&browser)), sorted(all.map(str::to_owned).into()));

    // A change opens and closes, with the mouse and with the keyboard.
    let greeting = ".change[data-action=update]:has(b:not(:empty))";
    let summary = format!("{greeting} summary");
    let first = browser.texts(&format!("{greeting} .address"))[0].clone();
    browser.click(&summary);
    assert!(changes(&browser).contains(&format!("update {first} open")), "{:?}", changes(&browser));
    browser.click(&summary);
    assert_eq!(sorted(changes(&browser)), sorted(all.map(str::to_owned).into()));
    browser.type_into(&summary, "\u{e007}");
    assert!(changes(&browser).contains(&format!("update {first} open")), "{:?}", changes(&browser));

    // All open: what changes, before and after, and no word of the rest.
    browser.click("#open");
    assert!(changes(&browser).iter().all(|change| change.ends_with(" open")));
    let said = browser.texts(".change").join("\n");
    for expected in [
        "\"hello\" -> \"good evening\"",
        "\"one\" -> \"two\"",
        "7 -> 30",
        "changed outside of provision: retention_in_days",
        "Because triggers_replace changes",
        HARM,
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("as it is"), "{said}");
    let elsewhere = browser.texts("#drift").join("");
    assert!(
        elsewhere.contains("module.logs.aws_cloudwatch_log_group.audit: retention_in_days"),
        "{elsewhere}"
    );
    assert!(browser.texts("#outputs .line").join("").contains("text"), "{:?}", browser.texts("#outputs"));
    browser.click("#close");

    // Search, in values too, and filters.
    browser.type_into("#search", "evening");
    assert_eq!(changes(&browser), ["update terraform_data.greeting"]);
    assert_eq!(browser.texts("#found"), ["1 of 5 changes"]);
    for _ in 0.."evening".len() {
        browser.type_into("#search", "\u{e003}");
    }
    browser.click(".tile[data-filter=create]");
    assert_eq!(changes(&browser), [format!("create {added}")]);
    browser.click(".tile[data-filter=delete]");
    assert_eq!(changes(&browser).len(), 2, "filters add up");
    browser.click(".tile[data-filter=create]");
    browser.click(".tile[data-filter=delete]");
    assert_eq!(changes(&browser).len(), 5);

    // The graph leads to the change, and back.
    browser.click(".node[data-address=\"terraform_data.version\"]");
    assert!(changes(&browser).contains(&"replace terraform_data.version open".to_owned()));
    assert_eq!(browser.texts(".change.is-chosen .address"), ["terraform_data.version"]);
    assert!(!browser.texts(".node.is-faded").is_empty(), "what has nothing to do with it fades");
    browser.click(".change.is-chosen [data-show]");
    assert_eq!(browser.texts(".node.is-chosen .name"), ["version"]);

    // In the dark there is light text, and nothing else is different.
    let colours = || {
        browser.script(
            "const style = getComputedStyle(document.body);
        return style.color + ' on ' + style.backgroundColor",
            &[],
        )
    };
    browser.prefer("light");
    assert_eq!(colours(), "rgb(31, 35, 40) on rgb(255, 255, 255)");
    browser.prefer("dark");
    assert_eq!(colours(), "rgb(240, 246, 252) on rgb(13, 17, 23)");

    // No name became markup, nothing was asked of any network, and the console has nothing to complain about.
    assert_eq!(browser.script("return document.title", &[]), "Plan: story reviewed");
    assert_eq!(browser.script("return document.images.length + document.scripts.length", &[]), 1);
    assert_eq!(browser.requests(), [format!("file://{}", path.display())]);
    assert_eq!(browser.console(), [""; 0]);

    // What a name might bring in would not be run either.
    browser.script(
        "const script = document.createElement('script');
        script.textContent = \"document.title = 'harm'\"; document.body.append(script);
        const image = document.createElement('img'); image.src = 'https://example.invalid/x.png';
        document.body.append(image);",
        &[],
    );
    assert_eq!(browser.script("return document.title", &[]), "Plan: story reviewed");
    let refused = browser.console();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused.iter().all(|said| said.contains("Content Security Policy")), "{refused:?}");
    assert_eq!(browser.requests(), [""; 0]);
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[test]
fn a_report_of_a_plan_file_is_the_same_and_has_no_secret() {
    let world = changed_world();
    let path = report(&world);
    let page = std::fs::read_to_string(path).unwrap();
    let output = world.succeed(&["show", "it.plan", "--report", "again.html"]);
    assert_eq!(output.stdout, "");
    assert_eq!(world.read("again.html"), page);
    assert!(!page.contains(PASSWORD) && !page.contains("hmac-sha256"), "no secret, and no digest of one");
    let refused = world.provision(&["show", REVIEWED, "--report", "again.html"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("a report is of a plan"), "{refused}");
}

#[test]
fn a_report_of_a_destroy_and_of_nothing_say_so() {
    let world = world();
    world.succeed(&["apply", REVIEWED, "--auto-approve"]);
    world.succeed(&["plan", REVIEWED, "--report", "nothing.html"]);
    assert!(world.read("nothing.html").contains("Nothing is to be changed."));
    world.succeed(&["plan", REVIEWED, "--destroy", "--report", "destroy.html"]);
    assert!(world.read("destroy.html").contains("This plan destroys everything"));
    if let Some(browser) = Browser::start(600, 800) {
        for page in ["nothing.html", "destroy.html"] {
            browser.open(&world.directory().join(page));
            assert_eq!(browser.console(), [""; 0], "{page}");
        }
    }
    let unwritable = world.provision(&["plan", REVIEWED, "--report", "no/such/directory.html"]);
    assert_eq!(unwritable.code, Some(1));
    assert!(unwritable.stderr.contains("no/such/directory.html cannot be written"), "{unwritable}");
}
