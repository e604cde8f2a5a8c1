/**
 * The few file calls that a short `ov` makes, on node's callbacks: `node:fs/promises` brings its streams along, and loading
 * those takes longer than reading the files.
 */
import { access as accessFile, readFile as read, realpath as real, stat as statFile } from 'node:fs';
import { promisify } from 'node:util';

/** Rejects when nothing is there or it may not be seen. */
export const access: (path: string, mode: number) => Promise<void> = promisify(accessFile);
export const readFile: (path: string, encoding: 'utf8') => Promise<string> = promisify(read);
export const realpath: (path: string) => Promise<string> = promisify(real.native);
export const stat = promisify(statFile);
