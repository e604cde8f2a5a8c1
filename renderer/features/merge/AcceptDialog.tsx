import type { LossFinding } from '../../../contract/lossAudit.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Scroll } from '../../components/Scroll.tsx';
import { Body, Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import styles from './AcceptDialog.module.css';
import { acceptHeld } from './mergeCalls.ts';

/** Findings named in the question; the audit has them all. */
const NAMED = 40;

function Lost({
  finding,
  target,
  branch,
}: {
  readonly finding: LossFinding;
  readonly target: string;
  readonly branch: string;
}) {
  const side = finding.side === 'target' ? target : branch;
  return (
    <li className={styles.lost}>
      <span className={styles.place}>
        <Line text={finding.line === 0 ? finding.file : `${finding.file}:${finding.line}`} title />
        <span className={styles.side}>
          {finding.what === 'removed' ? 'comes back, removed by ' : 'of '}
          <Line text={side} />
          {finding.lines > 1 ? ` · ${finding.lines} lines` : null}
        </span>
      </span>
      {finding.text === '' ? null : <Body text={finding.text} className={styles.text} />}
    </li>
  );
}

/** Asks before a held merge goes in, and names what is lost or what fails. */
export function AcceptDialog({ merge, close }: { readonly merge: MergeView; close(): void }) {
  const room = useRoom();
  const { hold } = merge;
  if (hold === undefined) return null;
  const lost = hold.audit?.findings.filter((finding) => finding.verdict === 'lost') ?? [];
  const all = hold.audit?.counts.lost ?? lost.length;
  const isLoss = hold.kind === 'loss';
  return (
    <Dialog
      wide
      title={isLoss ? `Accept that ${counted(all, 'change')} would be lost?` : 'Accept a failing check?'}
      text={
        <>
          <Line text={merge.branchName} /> goes into <Line text={hold.target} /> exactly as it was made. The decision
          stands in the commit with your name on it.
        </>
      }
      onClose={close}
      onSubmit={() => {
        close();
        void acceptHeld(room, merge);
      }}
      actions={
        <>
          <Button autoFocus onClick={close}>
            Cancel
          </Button>
          <Button type="submit" tone="danger">
            {isLoss
              ? `Accept losing ${counted(all, 'change')}`
              : `Accept that "${showableLine(hold.gate?.name ?? 'a check')}" fails`}
          </Button>
        </>
      }
    >
      {isLoss ? (
        <ul className={styles.list} aria-label="What would be lost">
          {lost.slice(0, NAMED).map((finding) => (
            <Lost
              key={`${finding.side} ${finding.file} ${finding.line} ${finding.what}`}
              finding={finding}
              target={hold.target}
              branch={merge.branchName}
            />
          ))}
          {all > NAMED ? <li className={styles.more}>and {all - NAMED} more: see the audit</li> : null}
        </ul>
      ) : (
        <>
          <p>
            <Line text={hold.gate?.command ?? ''} className={styles.command} />{' '}
            {hold.gate?.timedOut ? 'did not end in time' : `ended with ${hold.gate?.exitCode ?? 'a signal'}`} on the
            merged files.
          </p>
          <Scroll label="End of its output" className={styles.output}>
            <Body text={hold.gate?.tail ?? ''} />
          </Scroll>
        </>
      )}
    </Dialog>
  );
}
