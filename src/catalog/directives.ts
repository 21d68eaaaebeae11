import { z } from 'zod';

/** A released systemd (`253`), or a RHEL 7 build that carries the key before its time (`219-7.4`: systemd 219 of release 7.4). */
const systemdVersion = z.int().min(219);
const backport = z.string().regex(/^219-7\.\d+$/);

/**
 * What a systemd that does not know it does: `ignored`: a warning, and the setting has no effect; `fail-open`: ignored, so the unit it was to
 * hold back STARTS; `dropped`: the whole line is discarded (an ExecStart= so lost leaves no command); `refused`: the unit does not load.
 */
const olderBehaviour = z.enum(['ignored', 'fail-open', 'dropped', 'refused']);

const SECTIONS = ['Unit', 'Service', 'Socket', 'Timer', 'Path', 'Mount', 'Slice', 'Install'] as const;

/** Keys since 219 say `219` for "219 or earlier" and need no `olderBehaviour`: nothing older is supported. */
const introduced = {
  since: systemdVersion,
  olderBehaviour: olderBehaviour.optional(),
  backportedTo: backport.optional(),
  note: z.string().optional(),
};

/** `catalog/directives.yaml`: what may stand in a unit file, and from which systemd on. What is not in it is an error. */
export const directivesSchema = z.strictObject({
  sources: z.array(z.string()).min(1),
  directives: z.array(
    z.strictObject({
      section: z.enum(SECTIONS),
      name: z.string().regex(/^[A-Z][A-Za-z0-9]+$/),
      ...introduced,
      /** From here on the key only warns, or is gone. */
      legacySince: systemdVersion.optional(),
      /** The present name, where this one is kept for old files only. */
      renamedTo: z.string().optional(),
    }),
  ),
  /** Values newer than their key. `pattern` is an unanchored regular expression over the value. */
  values: z.array(
    z.strictObject({
      section: z.enum(SECTIONS),
      name: z.string(),
      pattern: z.string(),
      /** Only where another key of the same unit has a value this expression matches, e.g. `Type: ^oneshot$`. */
      where: z.record(z.string(), z.string()).optional(),
      ...introduced,
    }),
  ),
  /** Combinations no version loads. */
  forbidden: z.array(
    z.strictObject({
      section: z.enum(SECTIONS),
      name: z.string(),
      pattern: z.string(),
      where: z.record(z.string(), z.string()).optional(),
      note: z.string(),
    }),
  ),
  /** `%` specifiers; from 236 on an unknown one is refused, before it stays in the text as written. */
  specifiers: z.array(
    z.strictObject({
      name: z.string().regex(/^%[A-Za-z%]$/),
      ...introduced,
      legacySince: systemdVersion.optional(),
    }),
  ),
  /** Prefixes of a command in Exec*= lines; several may be combined. */
  execPrefixes: z.array(
    z.strictObject({
      name: z.string().regex(/^[-@+!:|]{1,2}$/),
      ...introduced,
      legacySince: systemdVersion.optional(),
    }),
  ),
});

export type Directives = z.infer<typeof directivesSchema>;
