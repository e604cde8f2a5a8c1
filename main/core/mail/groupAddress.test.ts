import { describe, expect, it } from 'vitest';
import { GROUP_ADDRESSES, isGroupAddress, resolveGroupAddress } from './groupAddress.ts';

const ACTIVE = [
  { agentName: 'orchestrator', capability: 'coordinator' },
  { agentName: 'builder-1', capability: 'builder' },
  { agentName: 'builder-2', capability: 'builder' },
  { agentName: 'scout-1', capability: 'scout' },
  { agentName: 'reviewer-1', capability: 'reviewer' },
  { agentName: 'lead-1', capability: 'lead' },
];
const resolve = (address: string, sender: string, active = ACTIVE) => resolveGroupAddress(address, active, sender);

describe('group addresses', () => {
  it('start with @', () => {
    expect(isGroupAddress('@all')).toBe(true);
    expect(isGroupAddress('@anything')).toBe(true);
    expect(isGroupAddress('builder-1')).toBe(false);
    expect(isGroupAddress('')).toBe(false);
  });

  it('@all is everybody but the sender, in the given order, in any case', () => {
    const others = ['builder-1', 'builder-2', 'scout-1', 'reviewer-1', 'lead-1'];
    expect(resolve('@all', 'orchestrator')).toEqual({ ok: true, value: others });
    expect(resolve('@ALL', 'orchestrator')).toEqual({ ok: true, value: others });
    const fromBuilder = resolve('@all', 'builder-1');
    expect(fromBuilder.ok && fromBuilder.value).toEqual([
      'orchestrator',
      'builder-2',
      'scout-1',
      'reviewer-1',
      'lead-1',
    ]);
  });

  it('a sender without a session excludes nobody', () => {
    const everybody = resolve('@all', 'operator');
    expect(everybody.ok && everybody.value).toHaveLength(6);
  });

  it('a capability is all of it but the sender', () => {
    expect(resolve('@builders', 'lead-1')).toEqual({ ok: true, value: ['builder-1', 'builder-2'] });
    expect(resolve('@Builders', 'builder-1')).toEqual({ ok: true, value: ['builder-2'] });
  });

  it('nobody left is an error', () => {
    for (const result of [
      resolve('@mergers', 'lead-1'),
      resolve('@scouts', 'scout-1'),
      resolve('@all', 'a', [{ agentName: 'a', capability: 'lead' }]),
    ]) {
      expect(result).toMatchObject({ ok: false, error: { tag: 'validation' } });
      expect(!result.ok && result.error.message).toContain('resolved to zero recipients');
    }
  });

  it.each(['builder', 'scout', 'reviewer', 'lead', 'merger', 'supervisor', 'coordinator', 'monitor'])(
    '@%s and its plural mean the same',
    (capability) => {
      const active = [{ agentName: 'x', capability }];
      expect(resolve(`@${capability}`, 'me', active)).toEqual({ ok: true, value: ['x'] });
      expect(resolve(`@${capability}s`, 'me', active)).toEqual({ ok: true, value: ['x'] });
    },
  );

  it.each(['@unknown', '@orchestrator', '@orchestrators', '@', '@toString'])(
    '%s is unknown, and the error lists the known ones',
    (address) => {
      const result = resolve(address, 'me');
      expect(!result.ok && result.error.message).toContain('Unknown group address');
      for (const known of GROUP_ADDRESSES) expect(!result.ok && result.error.message).toContain(known);
      expect(GROUP_ADDRESSES).toHaveLength(17);
    },
  );

  it('a capability stored in another case does not match', () => {
    expect(resolve('@builders', 'me', [{ agentName: 'x', capability: 'Builder' }]).ok).toBe(false);
  });
});
