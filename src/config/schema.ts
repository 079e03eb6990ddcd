import { type Static, type TSchema, Type } from '@sinclair/typebox'

/**
 * The config file. Its keys and their meaning are CLIProxyAPI's, so that its users keep their file; keys of our own are
 * `shutdown-grace-seconds`, `body-limit-mb`, `env-accounts`, `auth-encryption`, `oauth-clients`, `responses-store` and
 * `demo`.
 *
 * Blank strings and null count as absent, but for strings marked `blank: 'kept'`. The `unserved` keys are accepted and
 * not looked into: `later` ones come with the feature they belong to, `disguise` ones never (a client is not made to look
 * like another to a vendor).
 */
const later = Type.Optional(Type.Unknown({ unserved: 'later' }))
const disguise = Type.Optional(Type.Unknown({ unserved: 'disguise' }))

/** Timers hold at most 2^31 ms; a day is plenty. */
const SECONDS_MAX = 86_400

const text = Type.Optional(Type.String())
const flag = Type.Optional(Type.Boolean())
/** CPA takes everything below zero for zero. */
const seconds = Type.Optional(Type.Integer({ maximum: SECONDS_MAX }))

const model = Type.Object({
  name: Type.String(),
  alias: text,
  'display-name': text,
  'max-context-length': Type.Optional(Type.Integer({ minimum: 0 })),
  'force-mapping': later,
  'is-compat': later,
  image: later,
  'input-modalities': later,
  'output-modalities': later,
  thinking: later,
})

/** What the entries of every provider have in common. */
const shared = {
  prefix: Type.Optional(Type.String({ format: 'prefix' })),
  headers: Type.Optional(Type.Record(Type.String(), Type.String({ format: 'header-value' }))),
  models: Type.Optional(Type.Array(model)),
  'excluded-models': Type.Optional(Type.Array(Type.String())),
  priority: Type.Optional(Type.Integer()),
  'disable-cooling': flag,
  'request-retry': Type.Optional(Type.Integer({ maximum: 100 })),
  'request-scoped-errors': later,
  disabled: flag,
}

const proxyUrl = Type.Optional(Type.String({ format: 'proxy-url' }))

const keyed = {
  ...shared,
  'api-key': Type.String({ format: 'secret' }),
  'base-url': Type.Optional(Type.String({ format: 'base-url' })),
  'proxy-url': proxyUrl,
  weight: later,
  websockets: later,
}

const geminiKey = Type.Object(keyed)

/** Before it had objects, CPA had a plain list of keys. */
const geminiKeys = Type.Optional(Type.Array(Type.Union([Type.String({ format: 'secret' }), geminiKey])))

const claudeKey = Type.Object({
  ...keyed,
  'rebuild-mid-system-message': later,
  cloak: disguise,
  'fingerprint-profile': disguise,
  'experimental-cch-signing': disguise,
})

const codexKey = Type.Object({ ...keyed, 'alpha-search': later })

const vertexKey = Type.Object(keyed)

const compatible = Type.Object({
  ...shared,
  name: Type.String(),
  'base-url': Type.String({ format: 'base-url' }),
  'proxy-url': proxyUrl,
  'api-key-entries': Type.Optional(
    Type.Array(
      Type.Object({
        'api-key': Type.Optional(Type.String({ format: 'secret' })),
        'proxy-url': proxyUrl,
        weight: later,
      }),
    ),
  ),
  'api-keys': Type.Optional(Type.Array(Type.String({ format: 'secret' }))),
  'support-prompt-cache-key': later,
})

const oauthClient = Type.Object({
  'client-id': text,
  'client-secret': text,
  'auth-url': Type.Optional(Type.String({ format: 'auth-url' })),
  'base-url': Type.Optional(Type.String({ format: 'base-url' })),
})

/** By channel, CPA's word for whose logins they are. */
function perChannel<T extends TSchema>(schema: T) {
  const list = Type.Optional(Type.Array(schema))
  return Type.Optional(
    Type.Object({
      claude: list,
      codex: list,
      'gemini-cli': list,
      gemini: list,
      qwen: list,
      kimi: list,
      xai: list,
      vertex: list,
      antigravity: later,
      aistudio: later,
      iflow: later,
    }),
  )
}

const modelAlias = Type.Object({
  name: Type.String(),
  alias: Type.String(),
  fork: flag,
  'display-name': text,
  'force-mapping': later,
})

const clientKeys = Type.Optional(Type.Array(Type.String({ format: 'client-key' })))

const served = {
  host: Type.Optional(Type.String({ format: 'host', blank: 'kept' })),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  tls: Type.Optional(Type.Object({ enable: flag, cert: text, key: text })),
  'auth-dir': text,
  'api-keys': clientKeys,
  auth: Type.Optional(
    Type.Object({
      providers: Type.Optional(Type.Array(Type.Object({ name: text, type: text, 'api-keys': clientKeys }))),
    }),
  ),
  debug: flag,
  'logging-to-file': flag,
  'logs-max-total-size-mb': Type.Optional(Type.Integer({ minimum: 0 })),
  'proxy-url': proxyUrl,
  'force-model-prefix': flag,
  'passthrough-headers': flag,
  'request-retry': Type.Optional(Type.Integer({ maximum: 100 })),
  'max-retry-credentials': Type.Optional(Type.Integer()),
  'max-retry-interval': seconds,
  'disable-cooling': flag,
  'transient-error-cooldown-seconds': Type.Optional(Type.Integer({ minimum: -1, maximum: SECONDS_MAX })),
  routing: Type.Optional(
    Type.Object({
      strategy: Type.Optional(Type.String({ format: 'strategy' })),
      'session-affinity': later,
      'session-affinity-ttl': later,
      'session-affinity-subagents': later,
      'claude-code-session-affinity': later,
    }),
  ),
  'nonstream-keepalive-interval': seconds,
  streaming: Type.Optional(Type.Object({ 'keepalive-seconds': seconds, 'bootstrap-retries': later })),
  'shutdown-grace-seconds': Type.Optional(Type.Integer({ minimum: 0, maximum: SECONDS_MAX })),
  'body-limit-mb': Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
  'env-accounts': flag,
  'auth-encryption': Type.Optional(Type.Object({ 'key-file': text, env: text })),
  'oauth-clients': Type.Optional(
    Type.Object({
      claude: Type.Optional(oauthClient),
      codex: Type.Optional(oauthClient),
      gemini: Type.Optional(oauthClient),
      qwen: Type.Optional(oauthClient),
      kimi: Type.Optional(oauthClient),
      xai: Type.Optional(oauthClient),
      vertex: Type.Optional(oauthClient),
    }),
  ),
  'oauth-model-alias': perChannel(modelAlias),
  'oauth-model-mappings': perChannel(modelAlias),
  'oauth-excluded-models': perChannel(Type.String()),
  'auth-auto-refresh-workers': Type.Optional(Type.Integer({ minimum: 0, maximum: 256 })),
  'quota-exceeded': Type.Optional(
    Type.Object({ 'switch-project': flag, 'switch-preview-model': flag, 'antigravity-credits': later }),
  ),
  'enable-gemini-cli-endpoint': flag,
  'responses-store': Type.Optional(
    Type.Object({
      'ttl-hours': Type.Optional(Type.Integer({ minimum: 0, maximum: 24 * 365 })),
      'max-mb': Type.Optional(Type.Integer({ minimum: 0, maximum: 1024 * 1024 })),
    }),
  ),
  'remote-management': Type.Optional(
    Type.Object({
      'allow-remote': flag,
      'secret-key': Type.Optional(Type.String({ format: 'secret' })),
      'disable-control-panel': later,
      'disable-auto-update-panel': later,
      'panel-github-repository': later,
    }),
  ),
  demo: flag,
  'gemini-api-key': geminiKeys,
  'generative-language-api-key': geminiKeys,
  'claude-api-key': Type.Optional(Type.Array(claudeKey)),
  'codex-api-key': Type.Optional(Type.Array(codexKey)),
  'vertex-api-key': Type.Optional(Type.Array(vertexKey)),
  'openai-compatibility': Type.Optional(Type.Array(compatible)),
}

/** Keys that CPA has or had. */
const unserved = {
  'interactions-api-key': later,
  'xai-api-key': later,
  'oauth-request-scoped-errors': later,
  payload: later,
  'usage-statistics-enabled': later,
  'redis-usage-queue-retention-seconds': later,
  'request-log': later,
  'error-logs-max-files': later,
  'commercial-mode': later,
  'save-cooldown-status': later,
  'credential-concurrency': later,
  'credential-in-flight': later,
  'disable-image-generation': later,
  'gpt-image-2-base-model': later,
  'video-result-auth-cache-ttl': later,
  'ws-auth': later,
  'antigravity-signature-cache-enabled': later,
  'antigravity-signature-bypass-strict': later,
  plugins: later,
  pprof: later,
  ampcode: later,
  'amp-upstream-url': later,
  'amp-upstream-api-key': later,
  'amp-restrict-management-to-localhost': later,
  'amp-model-mappings': later,
  'gemini-web': later,
  'allow-localhost-unauthenticated': later,
  xai: later,
  antigravity: Type.Optional(Type.Object({ 'sensitive-words': disguise, 'connection-pool': later })),
  codex: Type.Optional(
    Type.Object({
      'identity-confuse': disguise,
      'disable-codex-cloaking': disguise,
      'stream-bootstrap-buffering': later,
      'optimize-multi-agent-v2': later,
      'orphan-delegation-compatibility': later,
      'model-level-cooling': later,
      'live-media-relay': later,
    }),
  ),
  'claude-code': Type.Optional(Type.Object({ 'disable-cloaking-model-list': disguise })),
  'disable-claude-cloak-mode': disguise,
  'claude-header-defaults': disguise,
  'codex-header-defaults': disguise,
}

export const configFile = Type.Object({ ...served, ...unserved })

/** What the file holds, once `schema-reader.ts` has read it. */
export type ConfigFile = Static<typeof configFile>
export type SharedFields = Pick<ClaudeKeyFields, keyof typeof shared>
export type ClaudeKeyFields = Static<typeof claudeKey>
export type CompatibleFields = Static<typeof compatible>
export type AliasFields = Static<typeof modelAlias>
