import { unitOf } from '../../boot/unit-of.js';
import type { Plan } from '../../plan/types.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';

export const refusedMarkers: BootCheck = {
  name: 'refused-markers',
  title: 'Right markers are read, wrong ones refused in clear words',
  run: checkRefusal,
};

export const markers: BootCheck = {
  name: 'markers',
  title: 'The markers on disk are those of the user data, no others',
  run: checkMarkers,
};

const ROLE_READER = 'kube-role.service';
const UP = ['ran', 'running', 'starting', 'restarting', 'failed'];

/** With a wrong marker kube-role fails, says why, and no unit of any role runs; else it succeeds. */
function checkRefusal({ plan, cell, boot }: BootContext): CheckOutcome {
  const { state, reason } = unitOf(boot, ROLE_READER);
  const log = (boot.failureLogs[ROLE_READER] ?? []).join('\n');
  if (cell.refusedWith === undefined) {
    if (state === 'ran' || state === 'running') return { examined: 1, problems: [] };
    const found = `${state}${reason === '' ? '' : ` (${reason})`}${log === '' ? '' : `: ${log}`}`;
    const message = `expected the markers to be read, found ${ROLE_READER} ${found}`;
    return { examined: 1, problems: [{ subject: ROLE_READER, message }] };
  }
  const units = [...new Set(plan.roles.flatMap((role) => role.units))].sort();
  const running = units.filter((name) => UP.includes(unitOf(boot, name).state));
  const problems: Problem[] = running.map((name) => ({
    subject: name,
    message: `expected no unit of a role to start with a wrong marker, found it ${unitOf(boot, name).state}`,
    hint: 'every role unit must ask for /run/kubernetes/node.env, which kube-role writes last',
  }));
  if (state !== 'failed') {
    const message = `expected it to fail with "${cell.refusedWith}", found: ${state}`;
    problems.unshift({ subject: ROLE_READER, message });
  } else if (!log.includes(cell.refusedWith)) {
    const message = `expected it to say "${cell.refusedWith}", found: ${log === '' ? '(nothing)' : log}`;
    problems.unshift({ subject: ROLE_READER, message });
  }
  return { examined: units.length + 2, problems };
}

/** cloud-init wrote each marker with its content, and there is no other one: none baked, none left over. */
function checkMarkers({ plan, cell, boot }: BootContext): CheckOutcome {
  const missing = Object.entries(cell.markers).flatMap(([subject, content]): Problem[] => {
    const found = boot.markers[subject];
    if (found === undefined) {
      const hint =
        'cloud-init writes markers with write_files in its network stage: see the cloud-init check';
      return [{ subject, message: 'expected the marker the user data writes, found none', hint }];
    }
    if (found.trimEnd() === content.trimEnd()) return [];
    const message = `expected ${JSON.stringify(content)}, found ${JSON.stringify(found)}`;
    return [{ subject, message }];
  });
  const stray = Object.keys(boot.markers).filter(
    (file) => looksLikeMarker(file, plan) && !(file in cell.markers),
  );
  const extra = stray.map((subject) => ({
    subject,
    message: `expected no such marker, found one with ${JSON.stringify(boot.markers[subject])}`,
    hint: 'no marker may be baked into the image',
  }));
  return { examined: Object.keys(cell.markers).length + 1, problems: [...missing, ...extra] };
}

/** What kube-role reads: everything that begins as the markers of the role table do. */
function looksLikeMarker(file: string, { roles }: Plan): boolean {
  return roles.some(({ name, marker }) => file.startsWith(marker.slice(0, marker.length - name.length)));
}
