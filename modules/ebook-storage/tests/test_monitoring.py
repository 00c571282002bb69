"""The monitoring function with clients that are none: python3 -m unittest discover --start-directory tests"""

import contextlib
import io
import json
import sys
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "function"))

import monitoring  # noqa: E402

NOW = datetime(2026, 1, 2, 6, 0, tzinfo=timezone.utc)
ENVIRONMENT = {"BUCKET": "ebooks-storage-dev", "TOPIC_ARN": "arn:aws:sns:::eBook-Alerts-dev", "ENVIRONMENT": "dev"}


def version(key, size, *, latest=True, hours_ago=48):
    modified = NOW - timedelta(hours=hours_ago)
    return {"Key": key, "Size": size, "IsLatest": latest, "LastModified": modified, "VersionId": f"{key}-{hours_ago}"}


class S3:
    """A bucket whose list comes in pages of `size` versions."""

    def __init__(self, versions, size=1000):
        self.versions, self.size, self.asked = versions, size, []

    def list_object_versions(self, **question):
        self.asked.append(question)
        start = 0
        if "KeyMarker" in question:
            marks = [(version["Key"], version["VersionId"]) for version in self.versions]
            start = marks.index((question["KeyMarker"], question["VersionIdMarker"])) + 1
        page = self.versions[start : start + self.size]
        # S3 leaves out what there is none of.
        answer = {"Versions": page} if page else {}
        answer["IsTruncated"] = start + self.size < len(self.versions)
        if answer["IsTruncated"]:
            answer["NextKeyMarker"], answer["NextVersionIdMarker"] = page[-1]["Key"], page[-1]["VersionId"]
        return answer


class Sns:
    def __init__(self):
        self.published = []

    def publish(self, **message):
        self.published.append(message)


def monitor(versions, *, remaining=lambda: 60_000, size=1000, **environment):
    sns = Sns()
    with contextlib.redirect_stdout(io.StringIO()) as log:
        report = monitoring.monitor(S3(versions, size), sns, ENVIRONMENT | environment, NOW, remaining)
    return report, sns.published, log.getvalue()


class Monitoring(unittest.TestCase):
    def test_an_empty_bucket_is_reported_as_one(self):
        report, published, _ = monitor([])
        self.assertEqual(report["usage"]["objects"], 0)
        self.assertTrue(report["usage"]["complete"])
        self.assertEqual(len(published), 1)

    def test_current_and_previous_versions_are_told_apart(self):
        books = [version("a.pdf", 10), version("a.pdf", 7, latest=False, hours_ago=72), version("b.epub", 5)]
        usage = monitor(books)[0]["usage"]
        self.assertEqual((usage["objects"], usage["bytes"]), (2, 15))
        self.assertEqual((usage["previous_versions"], usage["previous_bytes"]), (1, 7))

    def test_only_what_came_within_a_day_is_an_upload_of_the_day(self):
        books = [version("a.pdf", 1, hours_ago=1), version("b.pdf", 1, hours_ago=23), version("c.pdf", 1, hours_ago=25)]
        self.assertEqual(monitor(books)[0]["usage"]["uploads_of_a_day"], 2)

    def test_all_pages_are_read(self):
        books = [version(f"{number:04}.pdf", 1) for number in range(2500)]
        s3 = S3(books)
        usage = monitoring.measure(s3, "ebooks-storage-dev", NOW, lambda: 60_000)
        self.assertEqual((usage.objects, len(s3.asked)), (2500, 3))
        self.assertTrue(usage.complete)

    def test_a_list_that_is_cut_off_without_a_version_goes_on_at_the_key(self):
        class Unversioned(S3):
            def list_object_versions(self, **question):
                self.asked.append(question)
                if len(self.asked) == 1:
                    return {"Versions": [version("a.pdf", 1)], "IsTruncated": True, "NextKeyMarker": "a.pdf"}
                return {"Versions": [version("b.pdf", 1)], "IsTruncated": False}

        s3 = Unversioned([])
        self.assertEqual(monitoring.measure(s3, "b", NOW, lambda: 60_000).objects, 2)
        self.assertEqual(s3.asked[1], {"Bucket": "b", "KeyMarker": "a.pdf"})

    def test_what_cannot_be_listed_in_time_raises_the_alarm(self):
        books = [version(f"{number}.pdf", 1) for number in range(5)]
        report, published, _ = monitor(books, size=2, remaining=lambda: 1_000)
        self.assertFalse(report["usage"]["complete"])
        self.assertEqual(report["usage"]["objects"], 2)
        self.assertEqual(len(published), 2)

    def test_the_end_of_the_list_is_the_end_whatever_time_is_left(self):
        report, _, _ = monitor([version("a.pdf", 1)], remaining=lambda: 0)
        self.assertTrue(report["usage"]["complete"])

    def test_within_the_limits_there_is_a_report_alone(self):
        limits = {"MAX_GIGABYTES": "1", "MAX_OBJECTS": "1", "MAX_UPLOADS_OF_A_DAY": "1"}
        report, published, log = monitor([version("a.pdf", monitoring.GIGABYTE, hours_ago=1)], **limits)
        self.assertEqual(report["alarms"], [])
        self.assertEqual(json.loads(log), report)
        [message] = published
        self.assertEqual(message["TopicArn"], ENVIRONMENT["TOPIC_ARN"])
        self.assertEqual(message["Subject"], "Storage report: ebooks-storage-dev")
        self.assertEqual(message["MessageAttributes"]["kind"]["StringValue"], "report")
        self.assertEqual(json.loads(message["Message"]), report)

    def test_each_limit_that_is_exceeded_is_named(self):
        books = [version("a.pdf", 2 * monitoring.GIGABYTE, hours_ago=1), version("b.pdf", 1, hours_ago=2)]
        for limit, alarm in [
            ({"MAX_GIGABYTES": "1.5"}, "2.0 GB are stored, and the limit is 1.5 GB"),
            ({"MAX_OBJECTS": "1"}, "there are 2 e-books, and the limit is 1"),
            ({"MAX_UPLOADS_OF_A_DAY": "1"}, "2 uploads came within a day, and the limit is 1"),
        ]:
            with self.subTest(limit=limit):
                report, published, _ = monitor(books, **limit)
                self.assertEqual(report["alarms"], [alarm])
                self.assertEqual(
                    [message["MessageAttributes"]["kind"]["StringValue"] for message in published],
                    ["report", "alarm"],
                )
                self.assertEqual(published[1]["Subject"], "Storage ALARM: ebooks-storage-dev")

    def test_previous_versions_count_towards_what_is_stored(self):
        books = [version("a.pdf", 1), version("a.pdf", 2 * monitoring.GIGABYTE, latest=False)]
        self.assertEqual(len(monitor(books, MAX_GIGABYTES="1")[0]["alarms"]), 1)

    def test_without_limits_nothing_is_too_much(self):
        books = [version("a.pdf", 10**15, hours_ago=1)] * 3
        self.assertEqual(monitor(books, MAX_GIGABYTES="", MAX_OBJECTS="")[0]["alarms"], [])

    def test_a_failure_to_publish_is_a_failure(self):
        class Refusing(Sns):
            def publish(self, **message):
                raise PermissionError("kms:GenerateDataKey is not permitted")

        with self.assertRaises(PermissionError), contextlib.redirect_stdout(io.StringIO()):
            monitoring.monitor(S3([]), Refusing(), ENVIRONMENT, NOW, lambda: 60_000)


if __name__ == "__main__":
    unittest.main()
