import { useCallback, useState } from 'react';
import type { ConfigChange, ConfigFileName, ConfigView } from '../../../contract/config.ts';
import type { CallError } from '../../../contract/result.ts';
import { useRoom, useStatus } from '../../stores/hooks.ts';
import { type Answer, useAnswer } from '../../stores/useAnswer.ts';
import { changeWords, fileFor, findSetting } from './settingsRules.ts';

/** The project's settings on screen. */
export interface ConfigAccess extends Answer<ConfigView> {
  /** Which file new settings go into; those of `config.local.yaml` stay there. */
  readonly file: ConfigFileName;
  setFile(file: ConfigFileName): void;
  /** Makes changes and says from when on they hold. @returns null, or why they were refused. */
  write(changes: readonly ConfigChange[]): Promise<CallError | null>;
}

/** Reads the settings, again whenever somebody changed them. */
export function useConfig(): ConfigAccess {
  const room = useRoom();
  const version = useStatus((status) => status.config?.version ?? '');
  const problem = useStatus((status) => status.config?.problem ?? '');
  const answer = useAnswer('config.read', {}, `${version} ${problem}`);
  const [file, setFile] = useState<ConfigFileName>('project');
  const { value: view, put, reload } = answer;
  const write = useCallback(
    async (changes: readonly ConfigChange[]) => {
      if (view === null) return null;
      const target = changes.some(({ key }) => fileFor(findSetting(view, key), file) === 'local') ? 'local' : 'project';
      const done = await room.link.call('config.write', { version: view.version, file: target, changes: [...changes] });
      if (!done.ok) {
        if (done.error.tag === 'conflict') reload();
        return done.error;
      }
      put(done.value.view);
      room.notices.say(
        'info',
        changeWords(
          done.value.view,
          changes.map(({ key }) => key),
          done.value.overridden,
        ),
      );
      return null;
    },
    [room, view, file, put, reload],
  );
  return { ...answer, file, setFile, write };
}
