import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { findCommand } from '../config/detectProject.ts';
import { createRuntimeRegistry } from '../runtimes/registry.ts';
import { runForText } from '../util/runForText.ts';
import { type Category, type DoctorContext, type Finding, failure, pass, warning } from './doctorContext.ts';
import { atLeast, versionIn } from './doctorRules.ts';

/** Oldest git that merges in the object database, and oldest Node the stores load in. */
const GIT = [2, 38, 0];
const NODE = [22, 14, 0];
const PROBE = { timeoutMs: 5_000, maxCharacters: 2_000 };

/** First line a command prints about its version; null when it cannot be run. */
async function versionOf(context: DoctorContext, command: string): Promise<string | null> {
  const env = Object.fromEntries(
    Object.entries(context.environment).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const said = await runForText(command, ['--version'], { ...PROBE, cwd: context.projectRoot, env });
  return said.ok ? (said.value.text.trim().split('\n', 1)[0] ?? '') : null;
}

/** Programs that are needed, and the default runtime's (spec 03 §5.7 row 1). */
export const checkDependencies: Category = async (context) => {
  const findings: Finding[] = [];
  const git = await versionOf(context, 'git');
  const gitVersion = git === null ? null : versionIn(git);
  if (git === null) findings.push(failure('git availability', 'git is not on the PATH: install git 2.38 or newer'));
  else if (gitVersion !== null && !atLeast(gitVersion, GIT))
    findings.push(
      failure('git availability', `${git} is too old to merge without a checkout: install git 2.38 or newer`),
    );
  else findings.push(pass('git availability', git));
  const node = process.versions.node;
  findings.push(
    atLeast(versionIn(node) ?? [0], NODE)
      ? pass('node version', `Node ${node}`)
      : failure('node version', `Node ${node} cannot load the stores: install Node 22.14 or newer`),
  );
  const { runtime, controlRoom } = context.config;
  const registry = createRuntimeRegistry({
    uid: process.getuid?.() ?? null,
    environment: context.environment,
    pi: () => runtime.pi,
    acpAgents: () => controlRoom.acpAgents,
  });
  for (const name of new Set([runtime.default, ...Object.values(runtime.capabilities)])) {
    const adapter = registry.get(name);
    if (!adapter.ok) {
      findings.push(failure(`runtime ${name}`, adapter.error.message));
      continue;
    }
    const probed = await adapter.value.probe(context.environment);
    findings.push(probed.ready ? pass(`runtime ${name}`, probed.detail) : warning(`runtime ${name}`, probed.detail));
  }
  return findings;
};

/** The settings themselves (row 2). A mistake in them is a finding and stops nothing. */
export const checkConfig: Category = async ({ loaded, config, projectRoot, git }) => {
  const findings: Finding[] = [];
  if (loaded.ok) {
    const { warnings } = loaded.value;
    findings.push(
      warnings.length === 0
        ? pass('config-valid', 'config.yaml and config.local.yaml are read without a question')
        : warning('config-valid', `the settings are used, with ${warnings.length} remarks: correct them`, warnings),
    );
  } else findings.push(failure('config-valid', loaded.error.message));
  const there = await access(projectRoot).then(
    () => true,
    // Missing or closed to us: either way there is no project to work in.
    () => false,
  );
  findings.push(
    there
      ? pass('project-root-exists', projectRoot)
      : failure('project-root-exists', `${projectRoot} cannot be entered: give this user access to it`),
  );
  const branch = config.project.canonicalBranch;
  const found = await git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]);
  findings.push(
    found.code === 0
      ? pass('canonical-branch-exists', `${branch} exists`)
      : warning(
          'canonical-branch-exists',
          `there is no local branch ${branch}, which agents start from: make it, or set project.canonicalBranch`,
        ),
  );
  return findings;
};

/** Companion tools of overstory; none of them is needed here (row 10). */
export const checkEcosystem: Category = async (context) => {
  const tools = [
    ['mulch', 'ml'],
    ['seeds', 'sd'],
    ['canopy', 'cn'],
  ] as const;
  return Promise.all(
    tools.map(async ([name, command]) => {
      if ((await findCommand(command, context.environment.PATH ?? '')) === null)
        return pass(`${name} semver`, `${name} is not installed; nothing here needs it`);
      const said = await versionOf(context, command);
      const version = said === null ? null : versionIn(said);
      return version === null
        ? warning(`${name} semver`, `"${command} --version" names no version: install ${name} again`)
        : pass(`${name} semver`, `${name} ${version.join('.')}`);
    }),
  );
};

/** Where models' requests go (row 11). Nobody is asked over a network. */
export const checkProviders: Category = async ({ config, environment }) => {
  const findings: Finding[] = [];
  const providers = Object.entries(config.providers);
  findings.push(
    providers.length === 0
      ? warning('providers-configured', 'no provider is configured: add one under providers in config.yaml')
      : pass('providers-configured', providers.map(([name, { type }]) => `${name} (${type})`).join(', ')),
  );
  for (const [name, provider] of providers) {
    if (provider.type !== 'gateway') continue;
    const variable = provider.authTokenEnv ?? '';
    const set = (environment[variable] ?? '') !== '';
    findings.push(
      set
        ? pass(`provider-auth-token-${name}`, `${variable} is set`)
        : warning(`provider-auth-token-${name}`, `${variable} is not set: export it before the engine starts`),
    );
  }
  const unknown = Object.entries(config.models).flatMap(([role, model]) => {
    const provider = model.includes('/') ? (model.split('/', 1)[0] ?? '') : null;
    return provider === null || Object.hasOwn(config.providers, provider)
      ? []
      : [`models.${role} is ${model}, and there is no provider ${provider}`];
  });
  findings.push(
    unknown.length === 0
      ? pass('model-provider-refs', 'every model names a provider that is configured')
      : failure('model-provider-refs', 'models name providers nobody configured: add them, or choose others', unknown),
  );
  return findings;
};

/** The browser room's page (row 13). */
export const checkServe: Category = async () => {
  const here = import.meta.filename;
  const folder = here.endsWith('.ts') ? join(here, '../../../../dist/renderer') : join(here, '../../renderer');
  const built = await access(join(folder, 'index.html')).then(
    () => true,
    // Not there is the finding.
    () => false,
  );
  return [
    built
      ? pass('browser room', 'the page of the browser room is built')
      : warning('browser room', 'the page of the browser room is not built: run "npm run build" in the checkout'),
  ];
};
