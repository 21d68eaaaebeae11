import type { Arch, Plan } from '../../../src/plan/types.js';

/** A small plan of an OS: what the Packer engine looks at, with nothing that changes when the catalogs grow. */
export function smallPlan(os: string, arch: Arch = 'amd64'): Plan {
  return {
    id: `sha256:${'0123456789abcdef'.repeat(4)}`,
    spec: { os, kubernetes: '1.36.2', network: 'flannel', arch },
    files: [
      {
        path: '/etc/kiln/a.conf',
        type: 'file',
        mode: '0640',
        owner: 'root:etcd',
        content: 'a\n',
        from: 'test',
      },
    ],
    packages: ['conntrack', 'jq'],
    removedPackages: ['ufw'],
    kernelArguments: ['console=tty0', 'console=ttyS0,115200n8'],
    base: null,
  } as unknown as Plan;
}
