"""Signs CloudFront URLs with the key that an environment of provision keeps in Secrets Manager.

Needs boto3 and cryptography. By itself it prints a URL, as these variables say: FILES_HOST, PRIVATE_KEY_SECRET_ARN,
and INTEGRATION_ROLE_ARN, unless it runs with that role already.
"""

import datetime
import os
import sys
import threading
import time
import urllib.parse

import boto3
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

# Much shorter than the overlap of a rotation: until it is over, the old key is trusted too.
KEY_LIFETIME = 5 * 60


class UrlSigner:
    """Signs URLs of one distribution. Make one for the process: it keeps the key for a while."""

    def __init__(self, host, secret_arn, role_arn=None):
        self.host = host
        self.secret_arn = secret_arn
        self.role_arn = role_arn
        self._lock = threading.Lock()
        self._signer = None
        self._loaded = 0.0

    def url(self, path, lifetime=datetime.timedelta(minutes=15)):
        """A URL of the file at `path`, such as `uploads/report.pdf`, that is good for `lifetime`."""
        # CloudFront compares what was signed with what is asked for: it is encoded before it is signed.
        url = f"https://{self.host}/{urllib.parse.quote(path.lstrip('/'))}"
        until = datetime.datetime.now(datetime.timezone.utc) + lifetime
        return self._current().generate_presigned_url(url, date_less_than=until)

    def _current(self):
        with self._lock:
            if self._signer is None or time.monotonic() - self._loaded > KEY_LIFETIME:
                self._signer = self._load()
                self._loaded = time.monotonic()
            return self._signer

    def _load(self):
        session = boto3.Session(region_name=self.secret_arn.split(":")[3])
        if self.role_arn:
            sts = session.client("sts")
            assumed = sts.assume_role(RoleArn=self.role_arn, RoleSessionName="signed-urls")["Credentials"]
            session = boto3.Session(
                region_name=session.region_name,
                aws_access_key_id=assumed["AccessKeyId"],
                aws_secret_access_key=assumed["SecretAccessKey"],
                aws_session_token=assumed["SessionToken"],
            )
        secret = session.client("secretsmanager").get_secret_value(SecretId=self.secret_arn)
        # The key and its id in one answer, so that they belong together even during a rotation.
        key = serialization.load_pem_private_key(secret["SecretString"].encode(), password=None)
        key_id = next(label for label in secret["VersionStages"] if not label.startswith("AWS"))
        # CloudFront takes SHA-1 where a URL says nothing else.
        return CloudFrontSigner(key_id, lambda text: key.sign(text, padding.PKCS1v15(), hashes.SHA1()))


if __name__ == "__main__":
    signer = UrlSigner(
        os.environ["FILES_HOST"], os.environ["PRIVATE_KEY_SECRET_ARN"], os.environ.get("INTEGRATION_ROLE_ARN")
    )
    print(signer.url(sys.argv[1]))
