# Signs CloudFront URLs with the key that an environment of provision keeps in Secrets Manager.
#
# Needs the gems aws-sdk-cloudfront and aws-sdk-secretsmanager. By itself it prints a URL, as these variables say:
# FILES_HOST, PRIVATE_KEY_SECRET_ARN, and INTEGRATION_ROLE_ARN, unless it runs with that role already.

require "aws-sdk-cloudfront"
require "aws-sdk-secretsmanager"
require "erb"

# Signs URLs of one distribution. Make one for the process: it keeps the key for a while.
class SignedUrls
  # Much shorter than the overlap of a rotation: until it is over, the old key is trusted too.
  KEY_LIFETIME = 5 * 60

  def initialize(host:, secret_arn:, role_arn: nil)
    options = { region: secret_arn.split(":")[3] }
    if role_arn
      options[:credentials] = Aws::AssumeRoleCredentials.new(
        client: Aws::STS::Client.new(**options), role_arn: role_arn, role_session_name: "signed-urls"
      )
    end
    @secrets = Aws::SecretsManager::Client.new(**options)
    @host = host
    @secret_arn = secret_arn
    @mutex = Mutex.new
  end

  # A URL of the file at `path`, such as `uploads/report.pdf`, that is good for `lifetime` seconds.
  def url(path, lifetime: 15 * 60)
    # CloudFront compares what was signed with what is asked for: it is encoded before it is signed.
    encoded = path.delete_prefix("/").split("/").map { |part| ERB::Util.url_encode(part) }.join("/")
    current.signed_url("https://#{@host}/#{encoded}", expires: Time.now.to_i + lifetime)
  end

  private

  def current
    @mutex.synchronize do
      now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      if @signer.nil? || now - @loaded > KEY_LIFETIME
        secret = @secrets.get_secret_value(secret_id: @secret_arn)
        # The key and its id in one answer, so that they belong together even during a rotation.
        key_pair_id = secret.version_stages.find { |label| !label.start_with?("AWS") }
        @signer = Aws::CloudFront::UrlSigner.new(key_pair_id: key_pair_id, private_key: secret.secret_string)
        @loaded = now
      end
      @signer
    end
  end
end

if $PROGRAM_NAME == __FILE__
  urls = SignedUrls.new(
    host: ENV.fetch("FILES_HOST"),
    secret_arn: ENV.fetch("PRIVATE_KEY_SECRET_ARN"),
    role_arn: ENV["INTEGRATION_ROLE_ARN"]
  )
  puts urls.url(ARGV.fetch(0))
end
