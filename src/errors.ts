/** Every error kiln raises on purpose: the code, and the exit status it ends the command with. */
export const ERROR_CODES = {
  // 2: wrong usage, or refused by a check before anything was changed
  USAGE: 2,
  UNKNOWN_NAME: 2,
  CONFIG_INVALID: 2,
  PAIR_REFUSED: 2,
  PIN_MISSING: 2,
  LOCK_INVALID: 2,
  OUT_DIR_UNWRITABLE: 2,
  TOOL_MISSING: 2,
  ROOT_NEEDED: 2,
  IDENTITY_EXISTS: 2,
  IDENTITY_UNSAFE: 2,
  CLUSTER_MISSING: 2,
  LAUNCH_REFUSED: 2,
  CREDENTIALS_MISSING: 2,
  // 1: the work failed
  ARTIFACTS_MISSING: 1,
  DIGEST_MISMATCH: 1,
  DOWNLOAD_FAILED: 1,
  ARCHIVE_MEMBER_MISSING: 1,
  COMMAND_FAILED: 1,
  DISK_FULL: 1,
  BASE_UNREACHABLE: 1,
  LINT_FAILED: 1,
  HYGIENE_FAILED: 1,
  BOOT_FAILED: 1,
  TEST_FAILED: 1,
  IMAGE_INVALID: 1,
  IDENTITY_MISSING: 1,
  IDENTITY_INVALID: 1,
  CLUSTER_INVALID: 1,
  CLUSTER_BUSY: 1,
  LAUNCH_FAILED: 1,
  AWS_FAILED: 1,
  DIGEST_CHANGED: 1,
  UPDATE_FAILED: 1,
  // 130: stopped by the person at the keyboard
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An expected failure: `message` says what happened to what, `hint` says the mend. Printed without a stack. */
export class KilnError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'KilnError';
    this.code = code;
    this.hint = options.hint;
  }

  /** The status the process ends with: 1 failed, 2 refused or wrong usage, 130 interrupted. */
  get exitCode(): number {
    return ERROR_CODES[this.code];
  }
}
