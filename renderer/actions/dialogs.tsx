import { useState } from 'react';
import type { AgentView } from '../../contract/agents.ts';
import { OPERATOR } from '../../contract/ids.ts';
import { Button } from '../components/Button.tsx';
import { Dialog } from '../components/Dialog.tsx';
import { Field, TextArea, TextInput } from '../components/Field.tsx';
import { useRoom } from '../stores/hooks.ts';
import { showableLine } from '../stores/showable.ts';
import { callEngine } from './calls.ts';

/** Asks for the words of a nudge. */
export function NudgeDialog({ agent, close }: { readonly agent: AgentView; close(): void }) {
  const room = useRoom();
  const [message, setMessage] = useState('');
  const send = async () => {
    if (message.trim() === '') return;
    close();
    const sent = await callEngine(room, 'agents.nudge', { agentName: agent.name, message, from: OPERATOR });
    if (!sent.ok) return;
    const how = sent.value.delivered
      ? 'was nudged'
      : sent.value.queued
        ? 'reads the nudge at its next turn'
        : 'was not nudged';
    const why = sent.value.reason === null ? '' : `: ${sent.value.reason}`;
    room.notices.say(sent.value.delivered || sent.value.queued ? 'info' : 'error', `${agent.name} ${how}${why}`);
  };
  return (
    <Dialog
      title={`Nudge ${showableLine(agent.name)}`}
      text="It wakes the agent with these words, outside its mail."
      onClose={close}
      onSubmit={() => void send()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={message.trim() === ''}>
            Nudge
          </Button>
        </>
      }
    >
      <Field label="Words">
        {(id) => (
          <TextArea
            id={id}
            autoFocus
            value={message}
            onChange={(event) => setMessage(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
            }}
          />
        )}
      </Field>
    </Dialog>
  );
}

/** Asks before something that ends work. */
export function ConfirmDialog({
  title,
  text,
  confirm,
  close,
  onConfirm,
}: {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  close(): void;
  onConfirm(): void;
}) {
  return (
    <Dialog
      title={title}
      text={text}
      onClose={close}
      onSubmit={() => {
        close();
        onConfirm();
      }}
      actions={
        <>
          <Button autoFocus onClick={close}>
            Cancel
          </Button>
          <Button type="submit" tone="danger">
            {confirm}
          </Button>
        </>
      }
    />
  );
}

/** Starts the coordinator with an objective in plain words. */
export function StartCoordinatorDialog({ close }: { close(): void }) {
  const room = useRoom();
  const [objective, setObjective] = useState('');
  const [runtime, setRuntime] = useState('');
  const start = async () => {
    close();
    const started = await callEngine(room, 'coordinator.start', {
      ...(objective.trim() === '' ? {} : { objective }),
      ...(runtime.trim() === '' ? {} : { runtime: runtime.trim() }),
    });
    if (started.ok) room.ui.setState({ selectedAgent: started.value.agentName });
  };
  return (
    <Dialog
      title="Start a coordinator"
      text="It splits the objective into tasks and slings agents to them."
      onClose={close}
      onSubmit={() => void start()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary">
            Start
          </Button>
        </>
      }
    >
      <Field label="Objective" hint="May stay empty: it then waits for mail.">
        {(id, describedBy) => (
          <TextArea
            id={id}
            aria-describedby={describedBy}
            autoFocus
            rows={5}
            value={objective}
            onChange={(event) => setObjective(event.target.value)}
          />
        )}
      </Field>
      <Field label="Runtime" hint="Empty means the default of .overstory/config.yaml.">
        {(id, describedBy) => (
          <TextInput
            id={id}
            aria-describedby={describedBy}
            placeholder="claude, codex, rehearsal, …"
            value={runtime}
            onChange={(event) => setRuntime(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
