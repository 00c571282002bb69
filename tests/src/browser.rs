//! A browser that stories look at pages with: Chromium without a window, driven as the WebDriver standard says.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// The name under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Set where a browser has to be there: elsewhere, what needs one is skipped without.
const REQUIRED: [&str; 2] = ["PROVISION_REQUIRE_CHROMIUM", "CI"];

/// A browser. Dropping it closes it.
pub struct Browser {
    driver: Child,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts one of that size; none where none is installed, which is said.
    pub fn start(width: u32, height: u32) -> Option<Self> {
        let (Some(chromium), Some(driver)) =
            (found(&["chromium", "chromium-browser"]), found(&["chromedriver"]))
        else {
            let message = "there is no Chromium to look at the page with: install it, and its driver \
                           (on Debian: apt-get install chromium chromium-driver)";
            let is_required = REQUIRED.iter().any(|name| std::env::var_os(name).is_some());
            assert!(!is_required, "{message}");
            println!("skipped: {message}");
            return None;
        };
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let port = port(&mut driver);
        let profile = TempDir::with_prefix("provision-chromium-").unwrap();
        let mut browser = Self { driver, session: format!("http://127.0.0.1:{port}"), _profile: profile };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", browser._profile.path().display()));
        arguments.push(format!("--window-size={width},{height}"));
        arguments.push("about:blank".to_owned());
        let answer = browser.post(
            "/session",
            &json!({ "capabilities": { "alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": { "binary": chromium, "args": arguments },
                "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            } } }),
        );
        let id = answer["sessionId"].as_str().unwrap_or_else(|| panic!("a session: {answer:#}"));
        browser.session = format!("{}/session/{id}", browser.session);
        Some(browser)
    }

    /// Opens a page from the disk; the logs begin with it.
    pub fn open(&self, path: &Path) {
        // The browser's own first page asks for a lot.
        self.post("/url", &json!({ "url": "about:blank" }));
        self.console();
        self.requests();
        self.post("/url", &json!({ "url": format!("file://{}", path.display()) }));
    }

    /// What a function's body gives, of which `arguments` are the arguments.
    pub fn script(&self, body: &str, arguments: &[&str]) -> Json {
        self.post("/execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// The text of each element that is seen, of those that a selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let seen = "return Array.from(document.querySelectorAll(arguments[0]))
            .filter((it) => it.checkVisibility()).map((it) => it.textContent.trim());";
        let texts = self.script(seen, &[selector]);
        texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// Clicks where the first element is that a selector finds, as a person does: what is in front of it gets the click.
    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into the first element that a selector finds; `\u{e007}` is the Enter key.
    pub fn type_into(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Prefers `light` or `dark` from now on.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let command = json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": features } });
        self.post("/goog/cdp/execute", &command);
    }

    /// What the console has said since it was last asked.
    pub fn console(&self) -> Vec<String> {
        self.log("browser").iter().map(Json::to_string).collect()
    }

    /// The addresses that were asked for since that was last asked, but for what a page's policy did not let out.
    pub fn requests(&self) -> Vec<String> {
        let events: Vec<Json> = self
            .log("performance")
            .iter()
            .map(|entry| -> Json {
                serde_json::from_str(entry["message"].as_str().unwrap_or_default()).expect("an event in JSON")
            })
            .map(|event| event["message"].clone())
            .collect();
        let of = |method: &'static str| events.iter().filter(move |event| event["method"] == method);
        let blocked: Vec<&Json> = of("Network.loadingFailed")
            .filter(|event| event["params"]["blockedReason"] == "csp")
            .map(|event| &event["params"]["requestId"])
            .collect();
        of("Network.requestWillBeSent")
            .filter(|event| !blocked.contains(&&event["params"]["requestId"]))
            .map(|event| event["params"]["request"]["url"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    fn log(&self, kind: &str) -> Vec<Json> {
        self.post("/se/log", &json!({ "type": kind })).as_array().cloned().expect("a log")
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("`{selector}`: {found:#}")).to_owned()
    }

    /// Tells the driver to do something; gives what has come of it.
    fn post(&self, path: &str, body: &Json) -> Json {
        let request = ureq::post(format!("{}{path}", self.session))
            .config()
            .http_status_as_error(false)
            .build()
            .content_type("application/json");
        let mut response = request.send(body.to_string()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let text = response.body_mut().read_to_string().unwrap();
        let answer: Json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(response.status().is_success(), "{path} {body}: {answer:#}");
        answer["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser with its session, but not when it is killed.
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that a driver says it listens on.
fn port(driver: &mut Child) -> u16 {
    let mut said = String::new();
    let mut lines = BufReader::new(driver.stdout.take().unwrap());
    loop {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "chromedriver says its port: {said}");
        if let Some((_, port)) = line.trim_end_matches(['.', '\n']).split_once("successfully on port ") {
            return port.parse().expect("a port");
        }
        said.push_str(&line);
    }
}

/// The first of these programs that is on the `PATH`.
fn found(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut candidates =
        names.iter().flat_map(|name| directories.iter().map(move |directory| directory.join(name)));
    candidates.find(|candidate| candidate.is_file())
}
