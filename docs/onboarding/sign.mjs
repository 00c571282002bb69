// Signs CloudFront URLs with the key that an environment of provision keeps in Secrets Manager.
//
// Needs @aws-sdk/client-secrets-manager, @aws-sdk/cloudfront-signer and @aws-sdk/credential-providers. By itself it
// prints a URL, as these variables say: FILES_HOST, PRIVATE_KEY_SECRET_ARN, and INTEGRATION_ROLE_ARN, unless it runs
// with that role already.

import { pathToFileURL } from "node:url";

import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { getSignedUrl } from "@aws-sdk/cloudfront-signer";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";

// Much shorter than the overlap of a rotation: until it is over, the old key is trusted too.
const KEY_LIFETIME = 5 * 60 * 1000;

// Signs URLs of one distribution. Make one for the process: it keeps the key for a while.
export class UrlSigner {
  #host;
  #secretArn;
  #secrets;
  #key;

  constructor(host, secretArn, roleArn) {
    const region = secretArn.split(":")[3];
    const params = { RoleArn: roleArn, RoleSessionName: "signed-urls" };
    this.#host = host;
    this.#secretArn = secretArn;
    this.#secrets = new SecretsManagerClient({
      region,
      ...(roleArn && { credentials: fromTemporaryCredentials({ params, clientConfig: { region } }) }),
    });
  }

  // A URL of the file at `path`, such as `uploads/report.pdf`, that is good for `lifetime` seconds.
  async url(path, lifetime = 15 * 60) {
    const { keyPairId, privateKey } = await this.#current();
    // CloudFront compares what was signed with what is asked for: it is encoded before it is signed.
    const encoded = path.replace(/^\/+/, "").split("/").map(encodeURIComponent).join("/");
    const dateLessThan = new Date(Date.now() + lifetime * 1000);
    return getSignedUrl({ url: `https://${this.#host}/${encoded}`, keyPairId, privateKey, dateLessThan });
  }

  async #current() {
    if (!this.#key || Date.now() - this.#key.loaded > KEY_LIFETIME) {
      const secret = await this.#secrets.send(new GetSecretValueCommand({ SecretId: this.#secretArn }));
      // The key and its id in one answer, so that they belong together even during a rotation.
      const keyPairId = secret.VersionStages.find((label) => !label.startsWith("AWS"));
      this.#key = { keyPairId, privateKey: secret.SecretString, loaded: Date.now() };
    }
    return this.#key;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { FILES_HOST, INTEGRATION_ROLE_ARN, PRIVATE_KEY_SECRET_ARN } = process.env;
  const signer = new UrlSigner(FILES_HOST, PRIVATE_KEY_SECRET_ARN, INTEGRATION_ROLE_ARN);
  console.log(await signer.url(process.argv[2]));
}
