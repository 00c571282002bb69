use super::{Escaped, Page};

#[test]
fn a_text_is_inert_wherever_it_stands() {
    let text = Escaped("<a href=\"x\" title='y'>&\u{1b}[31m\u{202e}\nz").to_string();
    assert_eq!(text, "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;\u{fffd}[31m\u{fffd}\nz");
}

#[test]
fn the_policy_names_exactly_what_is_in_the_page() {
    let page =
        Page { title: "<t>", styles: &["a{}", "b{}"], scripts: &["let c;", "let d;"], body: "<p>" }.write();
    // As computed by `printf 'a{}b{}' | openssl dgst -sha256 -binary | base64`, and likewise for the script.
    let policy = "default-src 'none'; style-src 'sha256-STYLE'; script-src 'sha256-SCRIPT'; base-uri 'none'; \
                  form-action 'none'";
    let policy = policy.replace("STYLE", STYLE_DIGEST).replace("SCRIPT", SCRIPT_DIGEST);
    assert!(page.contains(&format!("content=\"{policy}\"")), "{page}");
    assert!(page.contains("<style>a{}b{}</style>"), "{page}");
    assert!(page.contains("<script>let c;let d;</script>"), "{page}");
    assert!(page.contains("<title>&lt;t&gt;</title>"), "{page}");
}

const STYLE_DIGEST: &str = "cR0WXeDFPUxoynVcPpDZ1iYEOmjKwa49ZNxsL/qKIpk=";
const SCRIPT_DIGEST: &str = "2270BvNbhkN0I4oJ7dCyeZjwjJjUv8QpYqWpKFCpVdw=";
