import { bootImage } from '../../boot/boot-image.js';
import { formatBootReport } from '../../boot/format-boot-report.js';
import { newestImage, openImage } from '../../build/image-folder.js';
import { KilnError } from '../../errors.js';
import { renderMetaData, renderUserData } from '../../launch/render-user-data.js';
import { DEFAULTS } from '../../spec/defaults.js';
import { requireTools } from '../../tools/check-tools.js';
import { printResult } from '../print.js';
import { withSession } from '../session.js';

interface TestOptions {
  role?: string[] | undefined;
  cluster: string;
  out?: string | undefined;
  json?: true | undefined;
}

/** `bake test`: boots a copy of the image once. @throws KilnError BOOT_FAILED when a unit failed or it never came up. */
export async function runTest(image: string | undefined, options: TestOptions): Promise<void> {
  const { disk, plan } = await (image === undefined
    ? newestImage(options.out ?? DEFAULTS.out)
    : openImage(image));
  const roles = options.role ?? [];
  const userData = renderUserData({ roles, cluster: options.cluster });
  const metaData = renderMetaData({ instanceId: 'kiln-test', hostname: 'node1' });
  requireTools('test');
  await withSession({}, async ({ gate, progress }) => {
    const report = await bootImage({ gate, disk, userData, metaData, progress });
    progress.end();
    if (report === undefined) return;
    printResult({ roles, userData, ...report }, formatBootReport(report, plan), options);
    if (!report.reached) throw new KilnError('BOOT_FAILED', 'The image did not come up in the time given');
    if (report.failedUnits.length > 0) {
      throw new KilnError('BOOT_FAILED', `These units failed: ${report.failedUnits.join(', ')}`);
    }
  });
}
