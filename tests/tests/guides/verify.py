"""Judges a signed URL as CloudFront would that trusts the keys of a key group; prints the id of its key."""

import base64
import json
import sys
import time
from urllib.parse import parse_qsl, urlsplit

import boto3
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

url, group = sys.argv[1], sys.argv[2]
query = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
assert set(query) == {"Expires", "Signature", "Key-Pair-Id"}, query
assert 0 < int(query["Expires"]) - time.time() <= 15 * 60, "it ends within a quarter of an hour"

cloudfront = boto3.client("cloudfront", region_name="us-east-1")
trusted = cloudfront.get_key_group(Id=group)["KeyGroup"]["KeyGroupConfig"]["Items"]
assert query["Key-Pair-Id"] in trusted, f"{query['Key-Pair-Id']} is none of {trusted}"
key = cloudfront.get_public_key(Id=query["Key-Pair-Id"])["PublicKey"]["PublicKeyConfig"]["EncodedKey"]
condition = {"DateLessThan": {"AWS:EpochTime": int(query["Expires"])}}
policy = {"Statement": [{"Resource": url.partition("?")[0], "Condition": condition}]}
signature = query["Signature"].translate(str.maketrans("-_~", "+=/"))
serialization.load_pem_public_key(key.encode()).verify(
    base64.b64decode(signature, validate=True),
    json.dumps(policy, separators=(",", ":")).encode(),
    padding.PKCS1v15(),
    hashes.SHA1(),
)
print(query["Key-Pair-Id"])
