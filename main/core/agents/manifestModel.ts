import type { Config } from '../config/schema.ts';
import { type ResolvedModel, resolveModel as resolve } from '../runtimes/models.ts';

export type { ResolvedModel } from '../runtimes/models.ts';

/** Model of a role: config, then manifest, then the fallback; aliases and gateways are expanded (spec 02 §3.8). Pure. */
export function resolveModel(
  role: string,
  manifestModel: string | undefined,
  fallback: string,
  config: Pick<Config, 'models' | 'providers'>,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedModel {
  const configured = Object.hasOwn(config.models, role) ? config.models[role] : undefined;
  return resolve({ configured, manifest: manifestModel, fallback, providers: config.providers, environment });
}
