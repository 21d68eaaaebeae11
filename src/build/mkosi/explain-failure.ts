import { KilnError } from '../../errors.js';

/** What mkosi's last lines mean, where they mean something a person can mend; otherwise the error as it came. */
export function explainFailure(error: unknown, workDir: string): unknown {
  const text = error instanceof Error ? error.message : '';
  if (/No space left on device/.test(text)) {
    return new KilnError('DISK_FULL', `The disk is full: building the image in ${workDir}`, {
      hint: 'Free about 6 GB, or choose other folders with --out and XDG_CACHE_HOME.',
      cause: error,
    });
  }
  if (/Could not allocate (block|inode)/.test(text)) {
    return new KilnError('COMMAND_FAILED', 'The image is larger than its root partition', {
      hint: 'Raise rootMebibytes in catalog/mkosi.yaml.',
      cause: error,
    });
  }
  return error;
}
