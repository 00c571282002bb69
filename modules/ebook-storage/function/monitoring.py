"""Measures the bucket of e-books, reports what it found, and raises the alarm over what is too much.

It lists the bucket in place of asking CloudWatch for its storage metrics: those come once a day and up to two days
late, a bucket has none on its first day, and emulators have none at all. A list is exact, and costs one request for
each thousand versions.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone

GIGABYTE = 1000**3
DAY = timedelta(days=1)
# What is left of the time for publishing what was found.
RESERVE_IN_MILLISECONDS = 15_000


@dataclass
class Usage:
    """What is in the bucket."""

    objects: int = 0
    bytes: int = 0
    previous_versions: int = 0
    previous_bytes: int = 0
    uploads_of_a_day: int = 0
    # Whether all of the bucket was looked at. If not, there is at least this much.
    complete: bool = True


@dataclass(frozen=True)
class Limits:
    """What is too much; `None` for no limit."""

    gigabytes: float | None = None
    objects: int | None = None
    uploads_of_a_day: int | None = None

    @classmethod
    def of(cls, environment):
        def limit(name, kind):
            return kind(environment[name]) if environment.get(name) else None

        return cls(
            gigabytes=limit("MAX_GIGABYTES", float),
            objects=limit("MAX_OBJECTS", int),
            uploads_of_a_day=limit("MAX_UPLOADS_OF_A_DAY", int),
        )


def handler(_event, context):
    """What Lambda calls: once a day, or whenever somebody invokes it."""
    # Lambda has it, and whoever tests the rest need not.
    import boto3

    return monitor(
        s3=boto3.client("s3"),
        sns=boto3.client("sns"),
        environment=os.environ,
        now=datetime.now(timezone.utc),
        remaining=context.get_remaining_time_in_millis,
    )


def monitor(s3, sns, environment, now, remaining):
    """Measures, reports, and raises the alarm if there is reason to. Returns the report."""
    usage = measure(s3, environment["BUCKET"], now, remaining)
    alarms = exceeded(usage, Limits.of(environment))
    report = {
        "environment": environment["ENVIRONMENT"],
        "bucket": environment["BUCKET"],
        "measured_at": now.isoformat(timespec="seconds"),
        "usage": asdict(usage),
        "alarms": alarms,
    }
    # For CloudWatch Logs: one line that can be searched.
    print(json.dumps(report))
    publish(sns, environment, "report", "Storage report", report)
    if alarms:
        publish(sns, environment, "alarm", "Storage ALARM", report)
    return report


def measure(s3, bucket, now, remaining):
    """Counts what is in the bucket, page by page, for as long as there is time."""
    usage = Usage()
    for page in pages(s3, bucket):
        for version in page.get("Versions", []):
            if version["IsLatest"]:
                usage.objects += 1
                usage.bytes += version["Size"]
            else:
                usage.previous_versions += 1
                usage.previous_bytes += version["Size"]
            if now - version["LastModified"] < DAY:
                usage.uploads_of_a_day += 1
        if page.get("IsTruncated") and remaining() < RESERVE_IN_MILLISECONDS:
            usage.complete = False
            break
    return usage


def pages(s3, bucket):
    """The pages of the list of all versions."""
    position = {}
    while True:
        page = s3.list_object_versions(Bucket=bucket, **position)
        yield page
        if not page.get("IsTruncated"):
            return
        position = {"KeyMarker": page["NextKeyMarker"]}
        if page.get("NextVersionIdMarker"):
            position["VersionIdMarker"] = page["NextVersionIdMarker"]


def exceeded(usage, limits):
    """What there is too much of, a sentence each."""
    # Previous versions are stored, and paid for, as well.
    gigabytes = (usage.bytes + usage.previous_bytes) / GIGABYTE
    alarms = []
    if limits.gigabytes is not None and gigabytes > limits.gigabytes:
        alarms.append(f"{gigabytes:.1f} GB are stored, and the limit is {limits.gigabytes:g} GB")
    if limits.objects is not None and usage.objects > limits.objects:
        alarms.append(f"there are {usage.objects} e-books, and the limit is {limits.objects}")
    if limits.uploads_of_a_day is not None and usage.uploads_of_a_day > limits.uploads_of_a_day:
        alarms.append(
            f"{usage.uploads_of_a_day} uploads came within a day, and the limit is {limits.uploads_of_a_day}"
        )
    if not usage.complete:
        alarms.append("the bucket was not listed to its end in the time that the function has")
    return alarms


def publish(sns, environment, kind, title, report):
    """Publishes a report. Subscribers can filter by its kind."""
    sns.publish(
        TopicArn=environment["TOPIC_ARN"],
        # SNS takes a hundred characters.
        Subject=f"{title}: {report['bucket']}"[:100],
        Message=json.dumps(report, indent=2),
        MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
    )
