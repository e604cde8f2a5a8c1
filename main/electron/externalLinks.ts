import type { Dialog, Shell } from 'electron';

/** What may happen with a link: opened, opened after a question that shows the real host, or refused with a reason. */
export type LinkDecision =
  | { readonly kind: 'open'; readonly address: string }
  | { readonly kind: 'ask'; readonly address: string; readonly host: string }
  | { readonly kind: 'refuse'; readonly reason: string };

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Decides on a link (engineering.md 3.1 #12): `https:` anywhere, `http:` on loopback for agents' dev servers, `mailto:`.
 * Terminal output is written by whatever an agent runs, so a link from there is asked about.
 */
export function decideLink(address: string, source: 'interface' | 'terminal'): LinkDecision {
  if (!URL.canParse(address)) return { kind: 'refuse', reason: 'Not a complete address' };
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') {
    return { kind: 'refuse', reason: 'Addresses with a user name in them are not opened' };
  }
  const allowed =
    url.protocol === 'https:' || url.protocol === 'mailto:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!allowed) {
    return {
      kind: 'refuse',
      reason: 'Only https addresses, http on this machine and mail addresses are opened',
    };
  }
  const host = url.protocol === 'mailto:' ? url.pathname : url.host;
  return source === 'terminal' ? { kind: 'ask', address: url.href, host } : { kind: 'open', address: url.href };
}

/** Carries the decision out. */
export async function openExternalLink(
  modules: { readonly shell: Pick<Shell, 'openExternal'>; readonly dialog: Pick<Dialog, 'showMessageBox'> },
  address: string,
  source: 'interface' | 'terminal',
): Promise<void> {
  const decision = decideLink(address, source);
  if (decision.kind === 'refuse') return;
  if (decision.kind === 'ask') {
    const { response } = await modules.dialog.showMessageBox({
      type: 'question',
      message: `Open ${decision.host}?`,
      detail: `An agent's terminal printed this link:\n${decision.address}`,
      buttons: ['Open', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    });
    if (response !== 0) return;
  }
  await modules.shell.openExternal(decision.address);
}
