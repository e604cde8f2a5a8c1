import { BareDialog } from '../../components/BareDialog.tsx';
import { CommandList } from '../../components/CommandList.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { treeRows } from '../../stores/agentTree.ts';
import { useTopic } from '../../stores/hooks.ts';
import styles from './Board.module.css';
import type { DropPlace } from './boardRules.ts';
import { SLING_ROLES, slingTarget } from './slingTarget.ts';

/** What a role is for, in a few words. */
const ROLE_WORDS: Readonly<Record<(typeof SLING_ROLES)[number], string>> = {
  builder: 'writes the change',
  scout: 'looks around and reports',
  reviewer: 'reads a change and judges it',
  lead: 'splits the task and slings agents of its own',
  merger: 'brings branches together',
};

/** Chooses where a task is slung to, by keyboard: type to narrow, arrows, Enter. The counterpart of dragging it there. */
export function TargetChooser({
  taskId,
  close,
  onChoose,
}: {
  readonly taskId: string;
  close(): void;
  onChoose(place: Exclude<DropPlace, { kind: 'column' }>): void;
}) {
  const agents = useTopic('agents', (state) => state.byId);
  const roles = SLING_ROLES.map((role) => ({
    id: `role ${role}`,
    keywords: [role, ROLE_WORDS[role]],
    content: (
      <>
        {role}
        <span className={styles.hint}>{ROLE_WORDS[role]}</span>
      </>
    ),
    onSelect: () => onChoose({ kind: 'role', role }),
  }));
  const parents = treeRows(agents, new Set()).flatMap(({ name, depth }) => {
    const agent = agents[name];
    if (agent === undefined) return [];
    const target = slingTarget({ kind: 'agent', name }, agents);
    return {
      id: `agent ${name}`,
      keywords: [name, agent.capability],
      content: (
        <>
          <span className={styles.targetMark} style={{ paddingLeft: depth * 12 }}>
            <StatusMark status={agent.status} />
          </span>
          <Line text={name} />
          <span className={styles.hint}>
            {target.parent === name ? `${target.role} under it` : `another ${target.role}`}
          </span>
        </>
      ),
      onSelect: () => onChoose({ kind: 'agent', name }),
    };
  });
  return (
    <BareDialog label={`Sling ${taskId} to`} onClose={close}>
      <CommandList
        label={`Sling ${taskId} to`}
        placeholder={`Sling ${taskId} to a role, or under an agent`}
        groups={[
          { heading: 'Role', commands: roles },
          { heading: 'Agent', commands: parents },
        ]}
      />
    </BareDialog>
  );
}
