import type { Desktop } from './desktop.ts';

/** Where a link stood: text of a terminal is an attacker's text, so the desktop shell asks first. */
export type LinkSource = 'interface' | 'terminal';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** True for the addresses that may leave the room: https, mailto, and http of this machine (engineering.md 3.1 #12). */
export function mayOpen(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return (
    url.protocol === 'https:' || url.protocol === 'mailto:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
  );
}

/** Opens an address outside of the room; false when its kind is not allowed. */
export function openExternal(desktop: Desktop | null, address: string, source: LinkSource): boolean {
  if (!mayOpen(address)) return false;
  if (desktop !== null) desktop.post({ type: 'openExternal', url: address, source });
  else window.open(address, '_blank', 'noopener,noreferrer');
  return true;
}
