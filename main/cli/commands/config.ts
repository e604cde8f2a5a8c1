import type { Command } from 'commander';
import {
  CONFIG_EFFECT_WORDS,
  type ConfigFileName,
  type ConfigValue,
  type ConfigView,
  type SettingView,
  type WriteConfigInput,
  type WriteConfigReply,
} from '../../../contract/config.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { ConfigService } from '../../core/config/configService.ts';
import { type Invocation, invocationOf, withCommonOptions } from '../command.ts';
import { failWith, succeed, table, warn } from '../output.ts';
import { liveEngine, requireProject } from '../project.ts';

interface Options {
  readonly local?: boolean;
}

/** Files by the name a person knows. */
const FILE_NAMES: Readonly<Record<SettingView['from'], string>> = {
  default: 'built in',
  project: 'config.yaml',
  local: 'config.local.yaml',
};

/** `ov config`: settings with their origin, and changes that keep the file's comments. It never starts an engine. */
export function registerConfig(program: Command): void {
  const config = withCommonOptions(program.command('config')).description('settings of the project');

  withCommonOptions(config.command('list'))
    .description('all settings, or those below a key, with what is in force and where it comes from')
    .argument('[key]')
    .action(async (key: string | undefined, _options: Options, command: Command) => {
      const invocation = invocationOf(command);
      const view = await read(invocation);
      if (!view.ok) return failWith(invocation, view.error);
      const settings = below(view.value.settings, key);
      if (settings.length === 0) return failWith(invocation, unknownKey(key ?? ''));
      succeed(
        invocation,
        'config',
        { ...view.value, settings },
        table(settings.map((one) => [one.key, shown(one.value), FILE_NAMES[one.from]])),
      );
    });

  withCommonOptions(config.command('get'))
    .description('one setting, such as runtime.default')
    .argument('<key>')
    .action(async (key: string, _options: Options, command: Command) => {
      const invocation = invocationOf(command);
      const view = await read(invocation);
      if (!view.ok) return failWith(invocation, view.error);
      const found = view.value.settings.find((one) => one.key === key);
      if (found !== undefined) return succeed(invocation, 'config', { setting: found }, [shown(found.value)]);
      const settings = below(view.value.settings, key);
      if (settings.length === 0) return failWith(invocation, unknownKey(key));
      succeed(invocation, 'config', { settings }, table(settings.map((one) => [one.key, shown(one.value)])));
    });

  withCommonOptions(config.command('set'))
    .description('change one setting; the file keeps its comments')
    .argument('<key>')
    .argument('<value>', 'as in the file: text, a number, true, or [a, b]')
    .option('--local', 'in config.local.yaml, for this machine only')
    .action(async (key: string, text: string, options: Options, command: Command) => {
      const invocation = invocationOf(command);
      const value = await parse(text);
      if (!value.ok) return failWith(invocation, value.error);
      await change(invocation, options, { key, value: value.value });
    });

  withCommonOptions(config.command('unset'))
    .description('take one setting out of the file')
    .argument('<key>')
    .option('--local', 'out of config.local.yaml')
    .action((key: string, options: Options, command: Command) => change(invocationOf(command), options, { key }));
}

async function change(
  invocation: Invocation,
  options: Options,
  asked: { readonly key: string; readonly value?: ConfigValue },
): Promise<void> {
  const file: ConfigFileName = options.local === true ? 'local' : 'project';
  const done = await write(invocation, { file, changes: [asked] });
  if (!done.ok) return failWith(invocation, done.error);
  const { view, overridden } = done.value;
  const setting = view.settings.find((one) => one.key === asked.key);
  const value = setting?.value ?? null;
  const effect = setting === undefined ? null : CONFIG_EFFECT_WORDS[setting.effect];
  const lines =
    overridden.length > 0
      ? [`${asked.key} is changed in config.yaml, but config.local.yaml sets it to ${shown(value)}, which wins`]
      : [
          `${asked.key} is ${shown(value)} (${FILE_NAMES[setting?.from ?? 'default']}); it holds ${effect ?? 'at once'}`,
        ];
  succeed(invocation, 'config', { setting: setting ?? { key: asked.key, value: null }, overridden }, lines);
}

function below(settings: readonly SettingView[], key: string | undefined): readonly SettingView[] {
  return key === undefined ? settings : settings.filter((one) => one.key === key || one.key.startsWith(`${key}.`));
}

function unknownKey(key: string) {
  return { tag: 'notFound', message: `no setting ${key} is set or built in: "ov config list" shows all` } as const;
}

function shown(value: ConfigValue): string {
  if (value === null) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function parse(text: string): Promise<Result<ConfigValue>> {
  const { parseYaml } = await import('../../core/config/yamlText.ts');
  const parsed = parseYaml(text, 'the value');
  if (!parsed.ok) return fail('validation', parsed.error.message, { field: 'value' });
  return ok(parsed.value as ConfigValue);
}

async function read(invocation: Invocation): Promise<Result<ConfigView>> {
  const view = await engineOrFiles(
    invocation,
    (client) => client.call('config.read', {}),
    (service) => service.read(),
  );
  if (view.ok && view.value.problem !== null) return fail('config', view.value.problem);
  if (view.ok) for (const line of view.value.warnings) warn(line);
  return view;
}

function write(invocation: Invocation, input: WriteConfigInput): Promise<Result<WriteConfigReply>> {
  return engineOrFiles(
    invocation,
    (client) => client.call('config.write', input),
    (service) => service.write(input),
  );
}

/** By the engine that runs, which has the change take effect; else on the files themselves. */
async function engineOrFiles<Value>(
  invocation: Invocation,
  ask: (
    client: NonNullable<Extract<Awaited<ReturnType<typeof liveEngine>>, { ok: true }>['value']>,
  ) => Promise<Result<Value>>,
  own: (service: ConfigService) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const project = await requireProject(invocation.project);
  if (!project.ok) return project;
  const client = await liveEngine(project.value);
  if (!client.ok) return client;
  if (client.value !== null) {
    const answer = await ask(client.value);
    client.value.close();
    return answer;
  }
  const { createConfigService } = await import('../../core/config/configService.ts');
  const { defaultConfig } = await import('../../core/config/schema.ts');
  return own(
    createConfigService({
      projectRoot: project.value,
      initial: defaultConfig(project.value),
      onChange: () => {},
      // What is wrong is in the answer already.
      warn: () => {},
    }),
  );
}
