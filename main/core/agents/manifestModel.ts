import type { Config } from '../config/schema.ts';

/** A model ready for a launch plan. */
export interface ResolvedModel {
  readonly model: string;
  /** Added to the agent's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** True when the config names the model: only then a headless turn passes it on (spec 02 §3.8). */
  readonly isExplicitOverride: boolean;
}

const ALIASES = ['haiku', 'sonnet', 'opus'];

/** Model of a role: config, then manifest, then the fallback; aliases and gateways are expanded (spec 02 §3.8). Pure. */
export function resolveModel(
  role: string,
  manifestModel: string | undefined,
  fallback: string,
  config: Pick<Config, 'models' | 'providers'>,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedModel {
  const configured = Object.hasOwn(config.models, role) ? config.models[role] : undefined;
  const model = configured ?? manifestModel ?? fallback;
  const isExplicitOverride = configured !== undefined;
  if (ALIASES.includes(model)) {
    const expanded = environment[`ANTHROPIC_DEFAULT_${model.toUpperCase()}_MODEL`]?.trim() ?? '';
    return { model: expanded === '' ? model : expanded, env: {}, isExplicitOverride };
  }
  const slash = model.indexOf('/');
  const provider = slash < 0 ? '' : model.slice(0, slash);
  const gateway = Object.hasOwn(config.providers, provider) ? config.providers[provider] : undefined;
  if (gateway === undefined || gateway.type !== 'gateway' || gateway.baseUrl === undefined) {
    return { model, env: {}, isExplicitOverride };
  }
  const env: Record<string, string> = {
    ANTHROPIC_BASE_URL: gateway.baseUrl,
    ANTHROPIC_API_KEY: '',
    ANTHROPIC_DEFAULT_SONNET_MODEL: model.slice(slash + 1),
  };
  const token = gateway.authTokenEnv === undefined ? undefined : environment[gateway.authTokenEnv];
  if (token !== undefined && token !== '') env.ANTHROPIC_AUTH_TOKEN = token;
  return { model: 'sonnet', env, isExplicitOverride };
}
