/** A gateway in front of other model vendors, from `providers.<name>` of config.yaml (spec 03 §3). */
export interface ModelProvider {
  readonly type: 'native' | 'gateway';
  readonly baseUrl?: string | undefined;
  /** Name of the environment variable that holds the token; never the token itself. */
  readonly authTokenEnv?: string | undefined;
}

/** Where a model name may come from, strongest first: config, manifest, fallback. */
export interface ModelSources {
  /** `models.<capability>` of config.yaml. */
  readonly configured: string | undefined;
  /** Model of the role in the agent manifest. */
  readonly manifest: string | undefined;
  readonly fallback: string;
  readonly providers: Readonly<Record<string, ModelProvider>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A gateway as it was configured, for runtimes that take it as arguments. */
export interface ModelGateway {
  readonly provider: string;
  readonly baseUrl: string;
  readonly authTokenEnv: string | null;
  /** The gateway's own name of the model. */
  readonly model: string;
}

/** A model name ready for `--model`, and the environment it needs. */
export interface ResolvedModel {
  readonly model: string;
  readonly env: Readonly<Record<string, string>>;
  /** True only when the project's config named the model. */
  readonly isExplicitOverride: boolean;
  /** Absent without a gateway. */
  readonly gateway?: ModelGateway;
}

const ALIASES: ReadonlySet<string> = new Set(['haiku', 'sonnet', 'opus']);

/** Chooses the model of a launch and expands aliases and gateway names. Pure (spec 01 §3.3 "Env", spec 02 §3.8). */
export function resolveModel(sources: ModelSources): ResolvedModel {
  const configured = nonBlank(sources.configured);
  const name = configured ?? nonBlank(sources.manifest) ?? sources.fallback;
  const isExplicitOverride = configured !== null;

  if (ALIASES.has(name)) {
    const expanded = nonBlank(sources.environment[`ANTHROPIC_DEFAULT_${name.toUpperCase()}_MODEL`]);
    return { model: expanded ?? name, env: {}, isExplicitOverride };
  }

  const slash = name.indexOf('/');
  const provider = slash > 0 ? ownProvider(sources.providers, name.slice(0, slash)) : undefined;
  const baseUrl = provider?.type === 'gateway' ? nonBlank(provider.baseUrl) : null;
  if (provider === undefined || baseUrl === null) return { model: name, env: {}, isExplicitOverride };

  const env: Record<string, string> = {
    ANTHROPIC_BASE_URL: baseUrl,
    // An inherited key of the vendor itself would win over the gateway's token.
    ANTHROPIC_API_KEY: '',
    ANTHROPIC_DEFAULT_SONNET_MODEL: name.slice(slash + 1),
  };
  const tokenName = nonBlank(provider.authTokenEnv);
  const token = tokenName === null ? undefined : sources.environment[tokenName];
  if (token !== undefined && token !== '') env.ANTHROPIC_AUTH_TOKEN = token;
  const gateway = { provider: name.slice(0, slash), baseUrl, authTokenEnv: tokenName, model: name.slice(slash + 1) };
  return { model: 'sonnet', env, isExplicitOverride, gateway };
}

function nonBlank(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

/** Own entries only, so that a model called `constructor/x` finds no provider. */
function ownProvider(providers: Readonly<Record<string, ModelProvider>>, name: string): ModelProvider | undefined {
  return Object.hasOwn(providers, name) ? providers[name] : undefined;
}
