import type { CallError } from '../../../contract/result.ts';

/** What a system says of a file or folder it cannot use, as one line with what to do; null for an error that is none of these. */
export function describeFileError(error: unknown, path: string): CallError | null {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : '';
  const sentence = sentenceOf(code, path);
  return sentence === null ? null : { tag: 'unavailable', message: sentence, data: { path, code } };
}

function sentenceOf(code: string, path: string): string | null {
  switch (code) {
    case 'ENOSPC':
      return `the disk is full, ${path} could not be written: free some space and try again`;
    case 'EDQUOT':
      return `the disk quota of this user is used up, ${path} could not be written: free some space and try again`;
    case 'EFBIG':
      return `a file in ${path} would be larger than this system allows: raise the limit (ulimit -f) or free some space`;
    case 'EROFS':
      return `${path} is on a disk that can only be read: mount it for writing and try again`;
    case 'EACCES':
    case 'EPERM':
      return `${path} cannot be used: give this user access to it and what is below it`;
    case 'EMFILE':
    case 'ENFILE':
      return `too many files are open to use ${path}: raise the limit (ulimit -n) or end other programs`;
    case 'EIO':
      return `reading or writing ${path} failed (EIO): check the disk`;
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
      return `something else lies where ${path} needs a file or a folder (${code}): move it away`;
    default:
      return null;
  }
}
