import { useState } from 'react';
import { CAPABILITIES } from '../../../contract/agents.ts';
import { LIMITS } from '../../../contract/limits.ts';
import type { CallError } from '../../../contract/result.ts';
import { selectAgent } from '../../actions/navigation.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field, Select, TextInput } from '../../components/Field.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom, useTopic } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import styles from './Board.module.css';
import { boardStore } from './boardStore.ts';
import { PreflightFacts, placeWords } from './PreflightPanel.tsx';
import { pathsIn, possibleParents, roleNamed, type SlingTarget, slingRequest } from './slingTarget.ts';
import { FilesField, SpecField } from './TaskFields.tsx';
import { usePreflight } from './usePreflight.ts';
import { useTaskSpec } from './useTaskSpec.ts';

/** Fields of the sheet an error can belong to. */
const FIELDS = ['capability', 'name', 'parent', 'spec', 'files'] as const;
type FieldName = (typeof FIELDS)[number];

/** The field an error is shown at; null puts it above the buttons. */
function fieldOf(error: CallError | null): FieldName | null {
  return FIELDS.find((name) => name === error?.field) ?? null;
}

/** Everything a sling asks for, filled in; one button does it. An error stands where it belongs and loses nothing. */
export function SlingSheet({
  taskId,
  target,
  close,
}: {
  readonly taskId: string;
  readonly target: SlingTarget;
  close(): void;
}) {
  const room = useRoom();
  const task = useTopic('tasks', ({ byId }) => byId[taskId]);
  const agents = useTopic('agents', (state) => state.byId);
  const [role, setRole] = useState(target.role);
  const [parent, setParent] = useState(target.parent);
  const [name, setName] = useState('');
  const [files, setFiles] = useState((task?.files ?? []).join('\n'));
  const [error, setError] = useState<CallError | null>(null);
  const [slinging, setSlinging] = useState(false);

  const spec = useTaskSpec(taskId, setError);
  const request = slingRequest({ taskId, role, parent, name, files: pathsIn(files) }, agents);
  const answer = usePreflight(request);
  const refused = answer.preflight?.allowed === false;
  const parents = possibleParents(agents);
  const at = fieldOf(error);
  const errorAt = (field: FieldName) => (at === field ? (error?.message ?? null) : null);

  const sling = async () => {
    if (slinging) return;
    setSlinging(true);
    setError(null);
    const refusedSpec = await spec.keep(taskId);
    if (refusedSpec !== null) {
      setError(refusedSpec);
      setSlinging(false);
      return;
    }
    const slung = await room.link.call('agents.sling', request);
    setSlinging(false);
    if (!slung.ok) {
      setError(slung.error);
      return;
    }
    close();
    const { agentName, warnings } = slung.value;
    selectAgent(room, agentName);
    boardStore(room).setState({ said: `${taskId} slung to ${agentName}` });
    room.notices.say('info', `${showableLine(agentName)} was slung on ${taskId}.`);
    for (const warning of warnings) room.notices.say('info', warning);
  };

  return (
    <Dialog
      wide
      title={
        <>
          Sling <span className={styles.sheetId}>{taskId}</span>
        </>
      }
      text={task === undefined ? undefined : <Line text={task.title} />}
      onClose={close}
      onSubmit={() => void sling()}
      actions={
        <>
          {error !== null && at === null ? (
            <p className={styles.sheetError} role="alert">
              <Line text={error.message} />
            </p>
          ) : null}
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={slinging || refused || spec.saved === null}>
            {slinging ? 'Slinging…' : 'Sling'}
          </Button>
        </>
      }
    >
      <PreflightFacts wide answer={answer} where={placeWords(request)} />
      <div className={styles.three}>
        <Field label="Role" error={errorAt('capability')}>
          {(id, describedBy) => (
            <Select
              id={id}
              aria-describedby={describedBy}
              autoFocus
              value={role}
              onChange={(event) => setRole(roleNamed(event.target.value))}
            >
              {CAPABILITIES.map((capability) => (
                <option key={capability}>{capability}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Parent" error={errorAt('parent')}>
          {(id, describedBy) => (
            <Select
              id={id}
              aria-describedby={describedBy}
              value={parent}
              onChange={(event) => setParent(event.target.value)}
            >
              <option value="">none</option>
              {(parent === '' || parents.includes(parent) ? parents : [parent, ...parents]).map((candidate) => (
                <option key={candidate} value={candidate}>
                  {showableLine(candidate)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Name" error={errorAt('name')}>
          {(id, describedBy) => (
            <TextInput
              id={id}
              aria-describedby={describedBy}
              maxLength={LIMITS.nameLength}
              placeholder={answer.preflight?.agentName ?? 'chosen by the engine'}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      </div>
      <SpecField
        spec={spec}
        rows={7}
        error={errorAt('spec')}
        hint={
          spec.saved === ''
            ? 'There is no spec yet. What you write here is kept with the task.'
            : 'Changes are kept with the task.'
        }
      />
      <FilesField
        value={files}
        error={errorAt('files')}
        hint="One a line: what the agent may change. Empty means anything."
        onChange={setFiles}
      />
    </Dialog>
  );
}
