use serde_json::json;

use super::check;

#[test]
fn timestamps_in_other_forms() {
    let time = "2018-01-02T23:12:01Z";
    let east = "2018-01-02T03:04:05.678+05:30";
    check(json!([
        ["formatdate", ["DD MMM YYYY hh:mm ZZZ", time], "02 Jan 2018 23:12 UTC"],
        ["formatdate", ["EEEE, DD-MMM-YY hh:mm:ss ZZZ", time], "Tuesday, 02-Jan-18 23:12:01 UTC"],
        ["formatdate", ["EEE, DD MMM YYYY hh:mm:ss ZZZZ", time], "Tue, 02 Jan 2018 23:12:01 +0000"],
        ["formatdate", ["MMM DD, YYYY", time], "Jan 02, 2018"],
        ["formatdate", ["HH:mmaa", time], "11:12pm"],
        ["formatdate", ["H AA h m s M D MMMM", east], "3 AM 3 4 5 1 2 January"],
        ["formatdate", ["Z ZZZ ZZZZ ZZZZZ", east], "+05:30 +0530 +0530 +05:30"],
        ["formatdate", ["Z ZZZZZ", "2018-01-02T03:04:05-08:00"], "-08:00 -08:00"],
        ["formatdate", ["Z ZZZZZ", time], "Z +00:00"],
        ["formatdate", ["'it''s' h ''", "2018-01-02T00:00:00Z"], "it's 0 '"],
        ["formatdate", ["HH", "2018-01-02T00:00:00Z"], "12"],
        ["formatdate", ["YYY", time], { "error": "`YYY` stands for no part of a time" }],
        ["formatdate", ["Q", time], { "error": "`Q` stands for no part of a time" }],
        ["formatdate", ["'x", time], { "error": "a quote is not closed" }],
        ["formatdate", ["YYYY", "2018-01-02"], { "error": "invalid value for `time`: this is no timestamp" }],
    ]));
}

#[test]
fn arithmetic_on_timestamps() {
    check(json!([
        ["timeadd", ["2017-11-22T00:00:00Z", "10m"], "2017-11-22T00:10:00Z"],
        ["timeadd", ["2017-11-22T00:00:00Z", "-1h30m"], "2017-11-21T22:30:00Z"],
        ["timeadd", ["2017-11-22T00:00:00+02:00", "1.5h"], "2017-11-22T01:30:00+02:00"],
        ["timeadd", ["2017-11-22T00:00:00.9Z", "100ms1000us1000000ns"], "2017-11-22T00:00:01Z"],
        ["timeadd", ["2017-11-22T00:00:00Z", "0"], "2017-11-22T00:00:00Z"],
        ["timeadd", ["2017-11-22T00:00:00Z", ".5s"], "2017-11-22T00:00:00Z"],
        ["timeadd", ["2017-11-22T00:00:00Z", "1d"], { "error": "this is no duration" }],
        ["timeadd", ["2017-11-22T00:00:00Z", "1"], { "error": "this is no duration" }],
        ["timeadd", ["2017-11-22T00:00:00Z", ""], { "error": "this is no duration" }],
        ["timeadd", ["2017-11-22T00:00:00Z", "h"], { "error": "this is no duration" }],
        ["timeadd", ["2017-11-22T00:00:00Z", ".h"], { "error": "this is no duration" }],
        ["timeadd", ["2017-11-22T00:00:00Z", "1.2.3h"], { "error": "this is no duration" }],
        ["timeadd", ["2017-11-22T00:00:00Z", "99999999999999h"], { "error": "this is no duration" }],
        ["timeadd", ["9999-12-31T00:00:00Z", "48h"], { "error": "not in the years from 0 to 9999" }],
        ["timeadd", ["0000-01-01T00:00:00Z", "-1s"], { "error": "not in the years from 0 to 9999" }],
        ["timecmp", ["2017-11-22T00:00:00Z", "2017-11-22T01:00:00+01:00"], 0],
        ["timecmp", ["2017-11-22T00:00:00Z", "2017-11-22T00:00:00.1Z"], -1],
        ["timecmp", ["2017-11-22T00:00:01Z", "2017-11-22T00:00:00Z"], 1],
        ["timecmp", ["2017-11-22T00:00:01Z", "tomorrow"], { "error": "`timestamp_b`: this is no timestamp" }],
    ]));
}
