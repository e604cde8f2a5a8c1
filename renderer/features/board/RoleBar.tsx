import { dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { useEffect, useRef } from 'react';
import type { Capability, SlingRequest } from '../../../contract/agents.ts';
import { cx } from '../../components/cx.ts';
import styles from './Board.module.css';
import { useBoard } from './boardStore.ts';
import { placeData } from './dragTasks.ts';
import { PreflightPanel } from './PreflightPanel.tsx';
import { SLING_ROLES } from './slingTarget.ts';

function Role({ role, request }: { readonly role: Capability; readonly request: SlingRequest | null }) {
  const element = useRef<HTMLDivElement>(null);
  const over = useBoard((state) => state.over?.kind === 'role' && state.over.role === role);
  useEffect(() => {
    const target = element.current;
    return target === null
      ? undefined
      : dropTargetForElements({ element: target, getData: () => placeData({ kind: 'role', role }) });
  }, [role]);
  return (
    <div ref={element} className={cx(styles.role, over && styles.roleOver)}>
      {over && request !== null ? (
        <div className={styles.rolePanel}>
          <PreflightPanel request={request} />
        </div>
      ) : null}
      {role}
    </div>
  );
}

/** The roles a task can be slung to, there only while one is dragged; it floats, so that nothing moves aside. */
export function RoleBar({ requestFor }: { requestFor(role: Capability): SlingRequest | null }) {
  const over = useBoard((state) => (state.over?.kind === 'role' ? state.over.role : null));
  return (
    <div className={styles.roles} aria-hidden="true">
      <span className={styles.rolesLabel}>Sling as</span>
      {SLING_ROLES.map((role) => (
        <Role key={role} role={role} request={over === role ? requestFor(role) : null} />
      ))}
    </div>
  );
}
